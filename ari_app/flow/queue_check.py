"""What queues may not say of each other: steps that contradict themselves, overflow that goes in circles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ari_app.flow.problems import Mark, Problems
from ari_app.flow.yaml_tree import Tree, mark_at

if TYPE_CHECKING:
    from ari_app.flow.site import QueueConfig, Site

REASONS = ("full", "empty", "timeout", "closed")


def check_queues(site: Site, problems: Problems, tree: Tree) -> None:
    """Every error is at the line of its queue."""
    codes: dict[str, str] = {}
    for name, queue in site.queues.items():
        code_mark = mark_at(tree, "queues", name, "code")
        mark = mark_at(tree, "queues", name)
        _check_steps(name, queue, problems, mark)
        if queue.code and not re.fullmatch(r"[0-9]{1,6}", queue.code, re.ASCII):
            problems.error("code", f"queue `{name}`: code must be 1 to 6 digits", code_mark)
        elif queue.code and codes.setdefault(queue.code, name) != name:
            problems.error(
                "code", f"queue `{name}`: code {queue.code} is that of `{codes[queue.code]}`", code_mark
            )
    for circle in _circles(site.queues):
        way = " → ".join(f"`{name}`" for name in (*circle, circle[0]))
        problems.error(
            "overflow-circle", f"overflow goes in a circle: {way}", mark_at(tree, "queues", circle[0])
        )


def _check_steps(name: str, queue: QueueConfig, problems: Problems, mark: Mark) -> None:
    """Steps only ever soften: a caller who waited longer is never asked for more."""
    levels, last = dict(queue.skills), -1.0
    for number, step in enumerate(queue.relax, start=1):
        what = f"queue `{name}`: relax step {number}"
        if step.after_s <= last:
            problems.error("order", f"{what} is not later than the step before it", mark)
        last = step.after_s
        if not step.needs and not step.queues:
            problems.error("step-empty", f"{what} changes nothing", mark)
        if name in step.queues:
            problems.error("step-queue", f"{what} adds the queue itself", mark)
        for skill, level in step.needs.items():
            before = levels.get(skill)
            if before is not None and level > before:
                problems.error("step-harder", f"{what} asks for {skill} {level}, before {before}", mark)
            levels[skill] = level
        if step.after_s >= queue.max_wait_s:
            problems.warning("step-late", f"{what} comes when nobody waits any more (max_wait_s)", mark)


def _circles(queues: Mapping[str, QueueConfig]) -> list[list[str]]:
    """Each circle of overflow once, whatever the reasons: a caller is refused for another one each time."""
    found: list[list[str]] = []
    done: set[str] = set()
    for start in queues:
        way: list[str] = []
        _follow(start, queues, way, done, found)
    return found


def _follow(
    name: str, queues: Mapping[str, QueueConfig], way: list[str], done: set[str], found: list[list[str]]
) -> None:
    if name in way:
        found.append(way[way.index(name) :])
        return
    if name in done or name not in queues:
        return
    way.append(name)
    overflow = queues[name].overflow
    for other in dict.fromkeys(getattr(overflow, reason) for reason in REASONS):
        if other is not None:
            _follow(other, queues, way, done, found)
    way.pop()
    done.add(name)
