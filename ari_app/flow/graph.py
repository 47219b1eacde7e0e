"""Draw a flow: as Mermaid text, or as an SVG picture with nodes in layers from the start (C6)."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import msgspec

from ari_app.flow.flow import Flow, Placed
from ari_app.flow.node import END, SAFE

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 168, 48, 36, 74, 24
_COLOURS = {
    "menu": "#dbeafe",
    "enqueue": "#dcfce7",
    "hangup": "#fee2e2",
    "branch": "#fef9c3",
    "subflow": "#ede9fe",
}


_OPENING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    'width="{width}" height="{height}" font-family="sans-serif" font-size="12">'
)
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0 8 4 0 8z" fill="#64748b"/></marker></defs>'
)


class Edge(msgspec.Struct, frozen=True):
    """A way between two nodes; exits that lead to the same place share it."""

    source: str
    target: str
    label: str


def edges(flow: Flow) -> list[Edge]:
    """All ways of a flow, in the order of its nodes."""
    found: list[Edge] = []
    for placed in flow.nodes.values():
        names: dict[str, list[str]] = {}
        for name, target in placed.exits.items():
            names.setdefault(target, []).append(name)
        for target, exits in names.items():
            shown = [each for each in exits if each != "next"]
            label = ", ".join(shown) if len(shown) < 4 else f"{shown[0]} … {shown[-1]}"
            found.append(Edge(placed.id, target, label))
    return found


def mermaid(flow: Flow) -> str:
    """The flow as a Mermaid flowchart."""
    lines = ["flowchart TD", f'  start(["{flow.id}"]) --> {_id(flow.start)}']
    for placed in flow.nodes.values():
        opening, closing = ("{{", "}}") if placed.type in ("menu", "branch", "hours") else ("[", "]")
        lines.append(f'  {_id(placed.id)}{opening}"{placed.id}<br/><i>{placed.type}</i>"{closing}')
    for edge in edges(flow):
        arrow = f'-- "{edge.label}" -->' if edge.label else "-->"
        lines.append(f"  {_id(edge.source)} {arrow} {_id(edge.target)}")
    if any(edge.target == END for edge in edges(flow)):
        lines.append('  n_end(["end"])')
    if any(edge.target == SAFE for edge in edges(flow)):
        lines.append('  n_safe_exit(["safe exit"])')
    return "\n".join(lines) + "\n"


def _id(name: str) -> str:
    return "n_" + name.replace("-", "_")


def svg(flow: Flow) -> str:
    """The flow as a picture; needs no other program."""
    places = _layout(flow)
    width = max(x for x, _ in places.values()) + _WIDTH + _MARGIN
    height = max(y for _, y in places.values()) + _HEIGHT + _MARGIN
    parts = [
        _OPENING.format(width=width, height=height),
        f"<title>{escape(flow.id)}</title>",
        _TIP,
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    parts.extend(_arrow(places[edge.source], places[edge.target], edge.label) for edge in edges(flow))
    for name, place in places.items():
        placed = flow.nodes.get(name)  # type: ignore[call-overload]
        parts.append(_box(place, name, placed))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _depths(flow: Flow) -> dict[str, int]:
    """Layers: each node below all that lead to it, ways back to an earlier node left out."""
    ways: dict[str, list[str]] = {name: [] for name in flow.nodes}
    for edge in edges(flow):
        if edge.target in flow.nodes:
            ways[edge.source].append(edge.target)
    order: list[str] = []
    state: dict[str, int] = {}
    forward: list[tuple[str, str]] = []
    for first in (str(flow.start), *map(str, flow.nodes)):
        stack = [(first, iter(ways[first]))] if first not in state else []
        state.setdefault(first, 1)
        while stack:
            name, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                state[name] = 2
                order.append(name)
                stack.pop()
            elif state.get(target) != 1:
                forward.append((name, target))
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(ways[target])))
    depth = dict.fromkeys(reversed(order), 0)
    below: dict[str, list[str]] = {}
    for name, target in forward:
        below.setdefault(name, []).append(target)
    for name in reversed(order):
        for target in below.get(name, ()):
            depth[target] = max(depth[target], depth[name] + 1)
    return depth


def _layout(flow: Flow) -> dict[str, tuple[int, int]]:
    """Places by layers; the ends come last."""
    depth = _depths(flow)
    last = max(depth.values(), default=0)
    for target in (END, SAFE):
        if any(edge.target == target for edge in edges(flow)):
            depth[target] = last + 1
    rows: dict[int, list[str]] = {}
    places_in_file = {str(name): place for place, name in enumerate(flow.nodes)}
    for name, level in sorted(depth.items(), key=lambda item: places_in_file.get(item[0], len(depth))):
        rows.setdefault(level, []).append(name)
    widest = max(len(names) for names in rows.values())
    places: dict[str, tuple[int, int]] = {}
    for row, level in enumerate(sorted(rows)):
        left = _MARGIN + (widest - len(rows[level])) * (_WIDTH + _GAP_X) // 2
        for column, name in enumerate(rows[level]):
            places[name] = (left + column * (_WIDTH + _GAP_X), _MARGIN + row * (_HEIGHT + _GAP_Y))
    return places


def _box(place: tuple[int, int], name: str, placed: Placed | None) -> str:
    x, y = place
    kind = "" if placed is None else placed.type
    colour = _COLOURS.get(kind, "#f1f5f9")
    middle = x + _WIDTH // 2
    text = (
        f'<text x="{middle}" y="{y + (20 if kind else 28)}" text-anchor="middle" '
        f'font-weight="600">{escape(name)}</text>'
    )
    if kind:
        text += f'<text x="{middle}" y="{y + 36}" text-anchor="middle" fill="#64748b">{escape(kind)}</text>'
    return (
        f'<g><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="{8 if kind else 24}" '
        f'fill={quoteattr(colour)} stroke="#94a3b8"/>{text}</g>'
    )


def _arrow(source: tuple[int, int], target: tuple[int, int], label: str) -> str:
    x1, y1 = source[0] + _WIDTH // 2, source[1] + _HEIGHT
    x2, y2 = target[0] + _WIDTH // 2, target[1]
    if y2 <= y1:
        x1, y1 = source[0] + _WIDTH, source[1] + _HEIGHT // 2
        x2, y2 = target[0] + _WIDTH, target[1] + _HEIGHT // 2
        bend = max(x1, x2) + _GAP_X
        path = f"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}"
    else:
        half = (y1 + y2) // 2
        path = f"M{x1} {y1} C{x1} {half} {x2} {half} {x2} {y2}"
    text = ""
    if label:
        x, y = x1 + (x2 - x1) // 3, y1 + (y2 - y1) * 2 // 5 + 4
        text = (
            f'<text x="{x}" y="{y}" text-anchor="middle" font-size="10" fill="#334155" stroke="#ffffff" '
            f'stroke-width="3" paint-order="stroke">{escape(label[:28])}</text>'
        )
    return f'<path d="{path}" fill="none" stroke="#94a3b8" marker-end="url(#tip)"/>{text}'
