"""From trees to typed structs: one reader per field, derived from the struct's annotations.

The same readers give the JSON Schema, so that editor, checker and engine cannot disagree.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from ari_app.flow.kinds import Between, Doc, Kind, OneOrMany
from ari_app.flow.problems import Mark, Problems, did_you_mean
from ari_app.flow.yaml_tree import Leaf, Mapping, Sequence, Tree, unknown_keys


class Reference(msgspec.Struct, frozen=True):
    """A name used by a node: what it should name, and where it stands. `path` is the field's."""

    kind: str
    value: str
    mark: Mark
    path: str


class Reading:
    """What is gathered while one struct is read."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.references: list[Reference] = []
        self.failed = False

    def fail(self, code: str, message: str, mark: Mark, hint: str = "") -> None:
        """Note an error; the struct will not be built."""
        self.failed = True
        self.problems.error(code, message, mark, hint=hint)


class Reader:
    """Reads one field: `read` gives the value (anything when the reading failed), `schema` describes it."""

    def __init__(self, read: Callable[[Tree, str, Reading], Any], schema: dict[str, Any]) -> None:
        self.read = read
        self.schema = schema


def reader_for(hint: Any) -> Reader:
    """The reader of a type annotation. Raises `TypeError` for annotations that flows do not use."""
    notes: list[Any] = []
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        notes = [*more, *notes]
    reader = _plain(hint, notes)
    for note in notes:
        if isinstance(note, Doc):
            reader = Reader(reader.read, {**reader.schema, "description": note.text})
    return reader


def _plain(hint: Any, notes: list[Any]) -> Reader:
    kind = next((note for note in notes if isinstance(note, Kind)), None)
    bounds = next((note for note in notes if isinstance(note, Between)), None)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1:
            return reader_for(Annotated[inner[0], *notes] if notes else inner[0])
        return _scalar_reader()
    if hint is str:
        return _text_reader(kind or Kind("text", max_length=2000))
    if hint is bool:
        return Reader(_read_bool, {"type": "boolean"})
    if hint is int or hint is float:
        return _number_reader(hint, bounds)
    if origin is Literal:
        return _choice_reader(arguments)
    if origin is tuple:
        single = any(isinstance(note, OneOrMany) for note in notes)
        return _list_reader(reader_for(arguments[0]), bounds or Between(0, 200), single=single)
    if origin is dict:
        return _map_reader(reader_for(arguments[0]), reader_for(arguments[1]))
    if hint is Any:
        return Reader(lambda tree, _path, _reading: plain_value(tree), {})
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return StructReader(hint)
    raise TypeError(f"no reader for {hint!r}")


def plain_value(tree: Tree) -> Any:
    """The tree as plain Python values."""
    match tree:
        case Leaf():
            return tree.value
        case Sequence():
            return [plain_value(item) for item in tree.items]
        case Mapping():
            return {item.key: plain_value(item.value) for item in tree.items}


def describe(tree: Tree) -> str:
    """What stands there, for messages."""
    match tree:
        case Leaf():
            return "nothing" if tree.value is None else f"`{tree.text[:60]}`"
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"


def _text_reader(kind: Kind) -> Reader:
    pattern = re.compile(kind.pattern) if kind.pattern else None
    schema: dict[str, Any] = {"type": "string", "maxLength": kind.max_length, "x-ramal": kind.name}
    if kind.pattern:
        schema["pattern"] = kind.pattern
    if kind.name in ("text", "template", "key", "condition", "expression"):
        schema["type"] = ["string", "number", "boolean"]

    def read(tree: Tree, path: str, reading: Reading) -> str:
        if not isinstance(tree, Leaf) or tree.value is None:
            reading.fail("type", f"`{path}` must be a text, not {describe(tree)}", tree.mark)
            return ""
        if len(tree.text) > kind.max_length:
            reading.fail("too-long", f"`{path}` has more than {kind.max_length} characters", tree.mark)
            return ""
        if pattern is not None and not pattern.match(tree.text):
            message = f"`{path}`: {describe(tree)} is not a valid {kind.name} name"
            reading.fail("name", message, tree.mark, f"must match {kind.pattern}")
            return tree.text
        if kind.name != "text":
            reading.references.append(Reference(kind.name, tree.text, tree.mark, path))
        return tree.text

    return Reader(read, schema)


def _read_bool(tree: Tree, path: str, reading: Reading) -> bool:
    if isinstance(tree, Leaf) and isinstance(tree.value, bool):
        return tree.value
    reading.fail("type", f"`{path}` must be true or false, not {describe(tree)}", tree.mark)
    return False


def _number_reader(hint: type[int | float], bounds: Between | None) -> Reader:
    whole = hint is int
    schema: dict[str, Any] = {"type": "integer" if whole else "number"}
    if bounds is not None:
        schema |= {"minimum": bounds.low, "maximum": bounds.high}

    def read(tree: Tree, path: str, reading: Reading) -> float:
        value = tree.value if isinstance(tree, Leaf) else None
        wanted = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted):
            words = "a whole number" if whole else "a number"
            reading.fail("type", f"`{path}` must be {words}, not {describe(tree)}", tree.mark)
            return 0
        if bounds is not None and not bounds.low <= value <= bounds.high:
            message = f"`{path}` is {value}, allowed is {bounds.low:g} to {bounds.high:g}"
            reading.fail("range", message, tree.mark)
        return value if whole else float(value)

    return Reader(read, schema)


def _choice_reader(choices: tuple[Any, ...]) -> Reader:
    def read(tree: Tree, path: str, reading: Reading) -> Any:
        if isinstance(tree, Leaf) and tree.text in choices:
            return tree.text
        names = [str(choice) for choice in choices]
        hint = did_you_mean(tree.text, names) if isinstance(tree, Leaf) else ""
        message = f"`{path}` must be one of {', '.join(names)}, not {describe(tree)}"
        reading.fail("choice", message, tree.mark, hint)
        return choices[0]

    return Reader(read, {"enum": list(choices)})


def _list_reader(item: Reader, bounds: Between, *, single: bool) -> Reader:
    def read(tree: Tree, path: str, reading: Reading) -> tuple[Any, ...]:
        if isinstance(tree, Sequence):
            if not bounds.low <= len(tree.items) <= bounds.high:
                message = (
                    f"`{path}` has {len(tree.items)} entries, allowed is {bounds.low:g} to {bounds.high:g}"
                )
                reading.fail("range", message, tree.mark)
            return tuple(item.read(each, path, reading) for each in tree.items)
        if single:
            return (item.read(tree, path, reading),)
        reading.fail("type", f"`{path}` must be a list, not {describe(tree)}", tree.mark)
        return ()

    schema: dict[str, Any] = {"type": "array", "items": item.schema, "maxItems": bounds.high}
    if bounds.low:
        schema["minItems"] = bounds.low
    return Reader(read, {"anyOf": [item.schema, schema]} if single else schema)


def _map_reader(key: Reader, value: Reader) -> Reader:
    def read(tree: Tree, path: str, reading: Reading) -> dict[str, Any]:
        if not isinstance(tree, Mapping):
            reading.fail("type", f"`{path}` must be a mapping, not {describe(tree)}", tree.mark)
            return {}
        return {
            key.read(Leaf(item.key_mark, item.key, item.key), path, reading): value.read(
                item.value, f"{path}.{item.key}", reading
            )
            for item in tree.items
        }

    schema: dict[str, Any] = {"type": "object", "additionalProperties": value.schema}
    if "pattern" in key.schema:
        schema["propertyNames"] = {"pattern": key.schema["pattern"]}
    return Reader(read, schema)


def _scalar_reader() -> Reader:
    def read(tree: Tree, path: str, reading: Reading) -> Any:
        if isinstance(tree, Leaf):
            return tree.value
        reading.fail("type", f"`{path}` must be a single value, not {describe(tree)}", tree.mark)
        return None

    return Reader(read, {"type": ["string", "number", "boolean", "null"]})


def _default_of(value: Any) -> dict[str, Any]:
    """What an editor shows where a field is left out; empty defaults need no telling."""
    plain = isinstance(value, bool | int | float | str) and value != ""
    return {"default": value} if plain else {}


class StructReader(Reader):
    """Reads a mapping into a struct, field by field; unknown and missing keys are errors."""

    def __init__(self, cls: type[msgspec.Struct], *, extra: frozenset[str] = frozenset()) -> None:
        hints = typing.get_type_hints(cls, include_extras=True)
        self.cls = cls
        self.fields = {field.name: reader_for(hints[field.name]) for field in msgspec.structs.fields(cls)}
        self.required = [field.name for field in msgspec.structs.fields(cls) if field.required]
        self._extra = extra
        schema: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                field.name: {**self.fields[field.name].schema, **_default_of(field.default)}
                for field in msgspec.structs.fields(cls)
            },
        }
        if self.required:
            schema["required"] = self.required
        super().__init__(self._read, schema)

    def _read(self, tree: Tree, path: str, reading: Reading) -> Any:
        what = f"`{path}`" if path else "this file"
        if not isinstance(tree, Mapping):
            reading.fail("type", f"{what} must be a mapping, not {describe(tree)}", tree.mark)
            return None
        unknown_keys(tree, set(self.fields) | self._extra, reading.problems, what)
        values = {
            item.key: self.fields[item.key].read(item.value, item.key, reading)
            for item in tree.items
            if item.key in self.fields
        }
        for name in self.required:
            if name not in values:
                reading.fail("missing-key", f"{what} needs `{name}`", tree.mark)
        return None if reading.failed else self.cls(**values)
