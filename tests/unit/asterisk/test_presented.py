"""Names and numbers as callers present them: one line of visible text, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.asterisk.presented import LONGEST, presented


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("+5511988887777", "+5511988887777"),
        ("José  da Silva 📞", "José  da Silva 📞"),
        ("a\r\nX-Evil: 1", "a  X-Evil: 1"),
        ("\u202eevil\u2066\u200f", "evil"),
        ("\x1b]0;owned\x07", "]0;owned"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("x" * 10_000, "x" * LONGEST),
        ("\x00\ud800", ""),
    ],
)
def test_X8_what_is_presented_becomes_visible_text(said: str, shown: str) -> None:
    assert presented(said) == shown


@given(st.text())
def test_X8_nothing_presented_breaks_a_line_or_turns_the_writing_round(said: str) -> None:
    shown = presented(said)
    assert shown.isprintable()
    assert len(shown) <= LONGEST
    assert presented(shown) == shown
