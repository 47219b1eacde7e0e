"""Flow text to `Flow`: shape, names of nodes, exits; everything that needs no other file."""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec

from ari_app.flow.flow import EMPTY, Flow, Placed, ValueType, Variable, conform
from ari_app.flow.kinds import END, Between, Doc, FlowName, LanguageCode, Target, Text, VariableName
from ari_app.flow.node import SAFE, Node
from ari_app.flow.problems import Mark, Problems, did_you_mean
from ari_app.flow.registry import NODE_TYPES, NodeType
from ari_app.flow.shape import Reading, StructReader, describe, plain_value, reader_for
from ari_app.flow.yaml_tree import Item, Leaf, Mapping, read, unknown_keys
from ari_app.model.ids import FlowId, FlowVersion, Language, NodeId

RESERVED = frozenset({END, SAFE})
MAX_NODES = 500


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a flow file beside `variables` and `nodes`."""

    flow: Annotated[FlowName, Doc("The flow's name; the same as the file's.")]
    description: Annotated[Text, Doc("What the flow is for.")] = ""
    language: Annotated[LanguageCode, Doc("The language it begins in.")] = "pt-BR"
    languages: Annotated[
        tuple[LanguageCode, ...],
        Between(1, 12),
        Doc("Every language it can speak; its prompts must exist in all of them."),
    ] = ()
    timezone: Annotated[Text, Doc("IANA time zone for the times it speaks and compares.")] = (
        "America/Sao_Paulo"
    )
    start: Annotated[Target, Doc("The first node.")]
    safe_exit: Annotated[Target | None, Doc("The node that serves the caller when something fails.")] = None
    parameters: Annotated[
        dict[VariableName, ValueType], Doc("Arguments when it is called as a sub-flow.")
    ] = {}
    exits: Annotated[
        tuple[Target, ...], Between(1, 12), Doc("Exits of the node that calls it as a sub-flow.")
    ] = ("next",)


HEADER = StructReader(Header, extra=frozenset({"variables", "nodes"}))
_TYPE = reader_for(ValueType)
_TARGET = reader_for(Target)
_VARIABLE = reader_for(VariableName)


def version_of(text: str) -> FlowVersion:
    """The content address of a flow's text."""
    return FlowVersion(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16])


def parse_flow(text: str | bytes, file: str, problems: Problems) -> Flow | None:
    """Read one flow; None when it has errors, all of which are then in `problems`."""
    tree = read(text, problems)
    if tree is None:
        return None
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    reading = Reading(problems)
    header: Header | None = HEADER.read(tree, "", reading)
    if not isinstance(tree, Mapping):
        return None
    variables = _variables(tree, header, problems)
    nodes = _nodes(tree, problems)
    marks = {item.key: item.key_mark for item in tree.items}
    if header is None or problems.has_errors:
        return None
    flow = Flow(
        id=FlowId(header.flow),
        version=version_of(text),
        file=file,
        language=Language(header.language),
        languages=tuple(Language(code) for code in header.languages or (header.language,)),
        timezone=header.timezone,
        start=NodeId(header.start),
        nodes=nodes,
        variables=variables,
        exits=header.exits,
        safe_exit=None if header.safe_exit is None else NodeId(header.safe_exit),
        description=header.description,
        marks=marks,
        source=text,
    )
    _check_targets(flow, problems)
    return None if problems.has_errors else flow


def _variables(tree: Mapping, header: Header | None, problems: Problems) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    if header is not None:
        for name, kind in header.parameters.items():
            found[name] = Variable(kind, EMPTY[kind], parameter=True)
    entries = tree.get("variables")
    if entries is None:
        return found
    if not isinstance(entries, Mapping):
        problems.error("type", f"`variables` must be a mapping, not {describe(entries)}", entries.mark)
        return found
    for item in entries.items:
        variable = _variable(item, problems)
        if item.key in found:
            problems.error("duplicate-key", f"`{item.key}` is already a parameter", item.key_mark)
        if variable is not None:
            found[item.key] = variable
    return found


def _variable(item: Item, problems: Problems) -> Variable | None:
    reading = Reading(problems)
    _VARIABLE.read(Leaf(item.key_mark, item.key, item.key), "variables", reading)
    value = item.value
    if isinstance(value, Mapping):
        unknown_keys(value, {"type", "default"}, problems, f"variable `{item.key}`")
        kind_tree = value.get("type")
        if kind_tree is None:
            problems.error("missing-key", f"variable `{item.key}` needs `type`", value.mark)
            return None
    else:
        kind_tree = value
    kind: ValueType = _TYPE.read(kind_tree, item.key, reading)
    if reading.failed:
        return None
    default = value.get("default") if isinstance(value, Mapping) else None
    if default is None:
        return Variable(kind, EMPTY[kind])
    written = default.text if kind == "text" and isinstance(default, Leaf) else plain_value(default)
    held = conform(kind, written)
    if held is None and kind != "json":
        message = f"the default of `{item.key}` is not of type {kind}: {describe(default)}"
        problems.error("type", message, default.mark)
    return Variable(kind, held)


def _nodes(tree: Mapping, problems: Problems) -> dict[NodeId, Placed]:
    entries = tree.get("nodes")
    if not isinstance(entries, Mapping) or not entries.items:
        mark = tree.mark if entries is None else entries.mark
        problems.error("missing-key", "a flow needs `nodes`: a mapping of names to nodes", mark)
        return {}
    if len(entries.items) > MAX_NODES:
        message = f"{len(entries.items)} nodes, at most {MAX_NODES}"
        problems.error("too-long", message, entries.mark, hint="split it into sub-flows")
        return {}
    found: dict[NodeId, Placed] = {}
    for item in entries.items:
        problems.node = item.key
        _TARGET.read(Leaf(item.key_mark, item.key, item.key), "nodes", Reading(problems))
        if item.key in RESERVED:
            problems.error("name", f"`{item.key}` is a reserved name", item.key_mark)
        placed = _place(item, problems)
        if placed is not None:
            found[placed.id] = placed
    problems.node = ""
    return found


def _place(item: Item, problems: Problems) -> Placed | None:
    if not isinstance(item.value, Mapping):
        problems.error("type", f"a node must be a mapping, not {describe(item.value)}", item.value.mark)
        return None
    kind = item.value.get("type")
    if not isinstance(kind, Leaf):
        problems.error("missing-key", "a node needs `type`", item.value.mark)
        return None
    node_type = NODE_TYPES.get(kind.text)
    if node_type is None:
        message = f"unknown node type `{kind.text[:60]}`"
        problems.error("unknown-type", message, kind.mark, hint=did_you_mean(kind.text, NODE_TYPES))
        return None
    reading = Reading(problems)
    node = node_type.reader.read(item.value, node_type.name, reading)
    if node is None:
        return None
    exits, marks = _exits(item.value, node, node_type, problems)
    for field, message in node.faults():
        place = item.value.get(field)
        problems.error("node", message, item.key_mark if place is None else place.mark)
    return Placed(
        id=NodeId(item.key),
        type=node_type.name,
        node=node,
        exits=exits,
        mark=item.key_mark,
        references=tuple(reference for reference in reading.references if reference.kind != "target"),
        exit_marks=marks | {r.value: r.mark for r in reading.references if r.kind == "target"},
    )


def _exits(
    tree: Mapping, node: Node, node_type: NodeType, problems: Problems
) -> tuple[dict[str, str], dict[str, Mark]]:
    """All exits of a node with their targets; marks are kept by target."""
    given: dict[str, Item] = {item.key: item for item in tree.items if item.key == "next"}
    on = tree.get("on")
    if isinstance(on, Mapping):
        given |= {item.key: item for item in on.items}
    elif on is not None:
        problems.error("type", f"`on` must be a mapping of exits, not {describe(on)}", on.mark)
    declared = {each.name: each for each in node.exits_of()}
    exits: dict[str, str] = dict(node.own_exits())
    marks: dict[str, Mark] = {}
    reading = Reading(problems)
    for name, item in given.items():
        if node.ANY_EXIT and name not in declared and isinstance(item.value, Leaf):
            exits[name] = item.value.text
        elif name not in declared and not (name == "otherwise" and len(declared) > 1):
            message = f"`{name[:60]}` is no exit of a {node_type.name} node"
            problems.error("unknown-exit", message, item.key_mark, hint=did_you_mean(name, declared))
        marks[_TARGET.read(item.value, f"on.{name}", reading)] = item.value.mark
    for name, each in declared.items():
        required = each.default is None and not each.like
        target = given.get(name) or (given.get("otherwise") if required else None)
        if target is not None:
            exits[name] = target.value.text if isinstance(target.value, Leaf) else SAFE
        elif each.default is not None:
            exits[name] = each.default
        elif each.like:
            exits[name] = exits.get(each.like, SAFE)
        else:
            message = f"the exit `{name}` leads nowhere: {each.doc}"
            way = "`next: <node>`" if name == "next" else f"`on: {{{name}: <node>}}`"
            problems.error("missing-exit", message, tree.mark, hint=f"add {way}")
    return exits, marks


def _check_targets(flow: Flow, problems: Problems) -> None:
    known = {str(name) for name in flow.nodes}
    ends: tuple[tuple[str, str | None], ...] = (("start", flow.start), ("safe_exit", flow.safe_exit))
    for field, target in ends:
        if target is not None and target not in known:
            hint = did_you_mean(target, known)
            problems.error(
                "unknown-node", f"`{field}` names no node: `{target}`", flow.marks[field], hint=hint
            )
    for placed in flow.nodes.values():
        for exit_name, target in placed.exits.items():
            if target in known or target in RESERVED:
                continue
            mark = placed.exit_marks.get(target, placed.mark)
            message = f"the exit `{exit_name}` leads to `{target}`, which does not exist"
            problems.error(
                "unknown-node", message, mark, node=placed.id, hint=did_you_mean(target, known | RESERVED)
            )
