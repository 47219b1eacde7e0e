"""Judge the names and expressions of a flow's nodes: everything named must exist and fit."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping

from ari_app.flow import speech
from ari_app.flow.condition import CALL_NAMES, check, zone
from ari_app.flow.flow import Flow, Placed, ValueType
from ari_app.flow.problems import Mark, Problems, did_you_mean
from ari_app.flow.shape import Reference
from ari_app.flow.site import Site
from ari_app.flow.templates import places
from ari_app.model.ids import FlowId

_THEIRS = ("arguments", "results.")
"""Fields of a sub-flow node that name the other flow's variables."""


def check_header(flow: Flow, problems: Problems) -> None:
    """Judge what stands above the nodes."""
    try:
        zone(flow.timezone)
    except (ValueError, OSError, KeyError):
        mark = flow.marks.get("timezone", Mark())
        problems.error("timezone", f"unknown time zone `{flow.timezone[:60]}`", mark)
    if flow.language not in flow.languages:
        mark = flow.marks.get("languages", Mark())
        problems.error("language", f"`languages` lacks the flow's own language {flow.language}", mark)
    for name in flow.variables:
        if name in CALL_NAMES:
            mark = flow.marks.get("variables", Mark())
            problems.error("name", f"`{name}` is a name that every call has already", mark)


def check_expressions(flow: Flow, placed: Placed, flows: Mapping[FlowId, Flow], problems: Problems) -> None:
    """Judge conditions, expressions, templates and the variables that a node writes."""
    names: dict[str, str] = {**CALL_NAMES, **{name: each.type for name, each in flow.variables.items()}}
    names |= placed.node.EXPRESSION_NAMES
    for reference in placed.references:
        match reference.kind:
            case "condition":
                _check_cel(reference, reference.value, 0, names, "boolean", problems)
            case "expression":
                wanted = _wanted_type(flow, placed, reference, flows)
                _check_cel(reference, reference.value, 0, names, wanted, problems)
            case "template":
                for expression, column in places(reference.value):
                    _check_cel(reference, expression, column - 1, names, None, problems)
            case "variable" if not reference.path.startswith(_THEIRS):
                _check_variable(flow, placed, reference, problems)


def _check_cel(
    reference: Reference,
    source: str,
    offset: int,
    names: Mapping[str, str],
    wanted: str | None,
    problems: Problems,
) -> None:
    fault = check(source, names, None if wanted == "json" else wanted)
    if fault is None:
        return
    if wanted == "decimal" and check(source, names, "whole") is None:
        return
    mark = Mark(reference.mark.line, reference.mark.column + offset + fault.column - 1)
    message = f"`{reference.path}`: {fault.message}"
    problems.error("expression", message, mark, hint=fault.hint)


def _wanted_type(
    flow: Flow, placed: Placed, reference: Reference, flows: Mapping[FlowId, Flow]
) -> ValueType | None:
    field, _, name = reference.path.partition(".")
    if field == "arguments":
        called = flows.get(FlowId(str(getattr(placed.node, "flow", ""))))
        variable = called.variables.get(name) if called is not None else None
    else:
        variable = flow.variables.get(name) if name else None
    return None if variable is None else variable.type


def _check_variable(flow: Flow, placed: Placed, reference: Reference, problems: Problems) -> None:
    variable = flow.variables.get(reference.value)
    if variable is None:
        message = f"`{reference.path}`: unknown variable `{reference.value}`"
        hint = did_you_mean(reference.value, flow.variables) or "declare it under `variables`"
        problems.error("unknown-variable", message, reference.mark, hint=hint)
    elif reference.path in placed.node.TEXT_VARIABLES and variable.type != "text":
        message = f"`{reference.value}` is of type {variable.type}, `{reference.path}` needs a text"
        problems.error("type", message, reference.mark)


def check_prompts(
    flow: Flow, placed: Placed, prompts: Mapping[str, frozenset[str]] | None, problems: Problems
) -> None:
    """Every prompt must exist in every language that the flow can speak."""
    if prompts is None:
        return
    named = [(each.value, each.mark) for each in placed.references if each.kind == "prompt"]
    named += [(prompt, placed.mark) for prompt in placed.node.implicit_prompts()]
    for prompt, mark in named:
        missing = [code for code in flow.languages if prompt not in prompts.get(code, ())]
        if not missing:
            continue
        known = prompts.get(missing[0], frozenset())
        if len(missing) == len(flow.languages):
            message = f"there is no prompt `{prompt}`"
        else:
            message = f"the prompt `{prompt}` is missing in {', '.join(missing)}"
        problems.error("missing-prompt", message, mark, hint=_near(prompt, known))
    if placed.type == "say":
        for code in flow.languages:
            if code not in speech.LANGUAGES:
                problems.error("language", f"numbers cannot be said in {code}", placed.mark)


def _near(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    return hint if hint.startswith("did") else ""


def check_site_names(flow: Flow, placed: Placed, site: Site, problems: Problems) -> None:
    """Queues, skills, calendars, languages, hosts and numbers that a node names."""
    known: dict[str, Iterable[str]] = {
        "queue": site.queues,
        "skill": site.skills,
        "calendar": site.calendars,
        "language": flow.languages,
    }
    for reference in placed.references:
        if reference.kind in known and reference.value not in set(known[reference.kind]):
            hint = did_you_mean(reference.value, known[reference.kind])
            message = f"`{reference.path}`: unknown {reference.kind} `{reference.value}`"
            problems.error(f"unknown-{reference.kind}", message, reference.mark, hint=hint)
        if placed.type == "lookup" and reference.path == "url":
            _check_url(reference, site, problems)
        secret = reference.kind == "name" and reference.path.startswith("secrets.")
        if secret and reference.value not in site.secrets:
            hint = did_you_mean(reference.value, site.secrets)
            problems.error("unknown-secret", f"unknown secret `{reference.value}`", reference.mark, hint=hint)
        if placed.type == "transfer" and reference.path == "target" and "${" not in reference.value:
            outside = getattr(placed.node, "to", "") == "number"
            if outside and reference.value not in site.transfer_numbers:
                message = f"the site does not allow transfers to {reference.value}"
                hint = did_you_mean(reference.value, site.transfer_numbers)
                problems.error("unknown-number", message, reference.mark, hint=hint)


def _check_url(reference: Reference, site: Site, problems: Problems) -> None:
    parts = urllib.parse.urlsplit(reference.value)
    try:
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host = ""
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc:
        problems.error("url", "`url` must be http(s)://host/… without a user name", reference.mark)
    elif "${" in parts.netloc:
        problems.error("url", "`${…}` may stand only after the host", reference.mark)
    elif host not in site.allowed_hosts:
        hint = did_you_mean(host, site.allowed_hosts) or "add it to `allowed_hosts` in the site file"
        problems.error("unknown-host", f"look-ups to `{host}` are not allowed", reference.mark, hint=hint)


def check_subflow(flow: Flow, placed: Placed, flows: Mapping[FlowId, Flow], problems: Problems) -> None:
    """A flow that is called must exist, and its parameters, results, exits and languages must fit."""
    if placed.type == "exit" and getattr(placed.node, "by", "") not in flow.exits:
        by = str(getattr(placed.node, "by", ""))
        hint = did_you_mean(by, flow.exits)
        problems.error("unknown-exit", f"`{by}` is none of the flow's `exits`", placed.mark, hint=hint)
    for reference in placed.references:
        if reference.kind != "flow":
            continue
        called = flows.get(FlowId(reference.value))
        if called is None:
            hint = did_you_mean(reference.value, flows)
            problems.error(
                "unknown-flow", f"there is no sound flow `{reference.value}`", reference.mark, hint=hint
            )
            continue
        _check_call(flow, placed, called, problems)


def _check_call(flow: Flow, placed: Placed, called: Flow, problems: Problems) -> None:
    parameters = {name for name, variable in called.variables.items() if variable.parameter}
    for reference in placed.references:
        if (
            reference.kind == "variable"
            and reference.path == "arguments"
            and reference.value not in parameters
        ):
            hint = did_you_mean(reference.value, parameters)
            message = f"flow `{called.id}` has no parameter `{reference.value}`"
            problems.error("unknown-variable", message, reference.mark, hint=hint)
        theirs = reference.kind == "variable" and reference.path.startswith("results.")
        if theirs and reference.value not in called.variables:
            hint = did_you_mean(reference.value, called.variables)
            message = f"flow `{called.id}` has no variable `{reference.value}`"
            problems.error("unknown-variable", message, reference.mark, hint=hint)
    for name in called.exits:
        if name not in placed.exits:
            message = f"flow `{called.id}` may end by `{name}`, which leads nowhere here"
            problems.error("missing-exit", message, placed.mark, hint=f"add `on: {{{name}: <node>}}`")
    for name in placed.exits:
        if name not in called.exits and name != "next":
            hint = did_you_mean(name, called.exits)
            problems.error(
                "unknown-exit", f"flow `{called.id}` never ends by `{name}`", placed.mark, hint=hint
            )
    missing = [code for code in flow.languages if code not in called.languages]
    if missing:
        message = f"flow `{called.id}` does not speak {', '.join(missing)}"
        problems.error("language", message, placed.mark, hint=f"add it to `languages` of {called.id}")
