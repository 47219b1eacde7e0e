"""Which edits of a directory of flows may go live: all that pass, judged together."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ari_app.flow.check import Checked, Prompts, check_directory
from ari_app.flow.problems import Problem

SITE = "site.yaml"


class Admitted(msgspec.Struct, frozen=True):
    """The edits that may go live, the whole as it then is, and why the others may not."""

    taken: dict[str, str]
    checked: Checked
    refused: dict[str, tuple[Problem, ...]]


def check(texts: Mapping[str, str], prompts: Prompts | None) -> Checked:
    """Judge texts by file name; the site file is among them."""
    sources: dict[str, str | bytes] = {name: text for name, text in texts.items() if name != SITE}
    site = (SITE, texts[SITE]) if SITE in texts else None
    return check_directory(sources, site, prompts)


def admit(live: Mapping[str, str], edits: Mapping[str, str], prompts: Prompts | None) -> Admitted:
    """Edits that are wrong are refused one by one; when those left break what is live, all are.

    What was wrong before (the checker learnt, a prompt was deleted) is not held against an edit.
    """
    taken = dict(edits)
    refused: dict[str, tuple[Problem, ...]] = {}
    before = _wrong(check(live, prompts)) if live else {}
    while True:
        checked = check({**live, **taken}, prompts)
        wrong = _wrong(checked)
        own = wrong.keys() & taken.keys()
        broken = {name: found for name, found in wrong.items() if name not in taken and name not in before}
        if not own and not broken:
            return Admitted(taken, checked, refused)
        for name in own or tuple(taken):
            refused[name] = wrong.get(name) or tuple(each for found in broken.values() for each in found)
            del taken[name]
        if not taken and not own:
            return Admitted({}, check(live, prompts), refused)


def _wrong(checked: Checked) -> dict[str, tuple[Problem, ...]]:
    found: dict[str, list[Problem]] = {}
    for problem in checked.problems:
        if problem.severity == "error":
            found.setdefault(problem.file, []).append(problem)
    return {name: tuple(problems) for name, problems in found.items()}
