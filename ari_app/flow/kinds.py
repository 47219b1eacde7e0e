"""The kinds of values that a node's fields can hold; field types are built from these.

A kind is more than a type: it says what the text *names*, so that the checker finds unknown queues,
prompts or variables, the schema describes it, and an editor can offer the names that exist.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

PROMPT_PATTERN = "^[a-z0-9-]+(/[a-z0-9-]+)*$"
NAME_PATTERN = "^[a-z][a-z0-9_-]{0,62}$"
VARIABLE_PATTERN = "^[a-z][a-z0-9_]{0,62}$"


class Kind(msgspec.Struct, frozen=True):
    """What a text names; `pattern` bounds how it may look."""

    name: str
    pattern: str = ""
    max_length: int = 200


class OneOrMany(msgspec.Struct, frozen=True):
    """The list may be written as a single value."""


class Between(msgspec.Struct, frozen=True):
    """Bounds of a number or of a list's length."""

    low: float
    high: float


class Doc(msgspec.Struct, frozen=True):
    """The field's sentence in documentation and editor."""

    text: str


END = "end"
"""The reserved target: the flow (or sub-flow) is over."""

Target = Annotated[str, Kind("target", NAME_PATTERN)]
PromptName = Annotated[str, Kind("prompt", PROMPT_PATTERN)]
Prompts = Annotated[tuple[PromptName, ...], OneOrMany(), Between(1, 20)]
QueueName = Annotated[str, Kind("queue", NAME_PATTERN)]
SkillName = Annotated[str, Kind("skill", NAME_PATTERN)]
CalendarName = Annotated[str, Kind("calendar", NAME_PATTERN)]
FlowName = Annotated[str, Kind("flow", NAME_PATTERN)]
LanguageCode = Annotated[str, Kind("language", "^[a-z]{2}(-[A-Z]{2})?$")]
VariableName = Annotated[str, Kind("variable", VARIABLE_PATTERN)]
Condition = Annotated[str, Kind("condition", max_length=1000)]
"""CEL that gives yes or no."""
Expression = Annotated[str, Kind("expression", max_length=1000)]
"""CEL that gives any value."""
Template = Annotated[str, Kind("template", max_length=4000)]
"""Text with `${CEL}` in it."""
Key = Annotated[str, Kind("key", "^[0-9*#]$")]
Name = Annotated[str, Kind("name", NAME_PATTERN)]
Ident = Annotated[str, Kind("id", "^[a-z0-9][a-z0-9_-]{0,63}$")]
"""The id of a campaign or client, which others gave it: it may begin with a digit."""
Text = Annotated[str, Kind("text", max_length=2000)]
Seconds = Annotated[float, Between(0.1, 14_400.0)]
Level = Annotated[int, Between(1, 5)]
Needs = dict[SkillName, Level]
"""Skills with the lowest level that will do."""

AnyJson = Any
