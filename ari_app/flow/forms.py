"""Forms that operators fill in after a call: fields with types, and the check of what was written (P5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from ari_app.flow.kinds import Between, Doc, Name, Text

FieldType = Literal["text", "number", "date", "choice", "yes_no", "phone"]
LONGEST_TEXT = 2000
_PHONE = re.compile(r"\+?[0-9]{3,15}", re.ASCII)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be written down."""

    label: Annotated[Text, Doc("Shown to the operator.")]
    type: Annotated[FieldType, Doc("What is asked for.")] = "text"
    required: Annotated[bool, Doc("Whether it must be there.")] = False
    choices: Annotated[tuple[Text, ...], Between(0, 100), Doc("For `choice`.")] = ()


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form of the site file. With `opens` it opens a case, under a protocol number."""

    name: Annotated[Text, Doc("For people.")]
    opens: Annotated[
        Literal["complaint", "order", "support", "information", "cancellation"] | None,
        Doc("The kind of case that it opens."),
    ] = None
    fields: Annotated[dict[Name, Field], Doc("In this order.")] = {}


def wrongs(form: Form, answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong with the answers: `path` and `message` each; none: they may be stored."""
    found = [
        {"path": f"$.answers.{name}", "message": "no such field in this form"}
        for name in answers
        if name not in form.fields
    ]
    for name, wanted in form.fields.items():
        value = answers.get(name)
        if value is None or value == "":
            problem = "is required" if wanted.required else ""
        else:
            problem = _problem(wanted, value)
        if problem:
            found.append({"path": f"$.answers.{name}", "message": problem})
    return found


def _problem(wanted: Field, value: Any) -> str:
    match wanted.type:
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
            return "" if fits else "must be a number"
        case "yes_no":
            return "" if isinstance(value, bool) else "must be true or false"
        case "choice":
            return "" if value in wanted.choices else f"must be one of: {', '.join(wanted.choices)}"
    if not isinstance(value, str):
        return "must be a text"
    match wanted.type:
        case "date":
            return "" if _is_date(value) else "must be a date, like 2026-01-31"
        case "phone":
            return "" if _PHONE.fullmatch(value) else "must be a telephone number, digits only"
    return "" if len(value) <= LONGEST_TEXT else f"must not be longer than {LONGEST_TEXT} characters"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
