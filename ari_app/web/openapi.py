"""The OpenAPI 3.1 document, made from the same route table that is served, so that it cannot drift (X10)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from ari_app.model.facts import AnyFact
from ari_app.web.problems import MEDIA_TYPE, TITLES, Problem
from ari_app.web.route import Route

_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+)\}")


def document(routes: Sequence[Route], *, prefix: str, version: str) -> bytes:
    """The document as JSON."""
    types: list[Any] = [Problem, AnyFact]
    for route in routes:
        types += [kind for kind in (route.body, route.answer) if kind is not None]
    schemas, components = _schemas(*types)
    known = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation = _operation(route, known, components)
        paths.setdefault(prefix + route.path, {})[route.method.lower()] = operation
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Ramal",
                "version": version,
                "description": "Times are RFC 3339 UTC with milliseconds, durations (`*_s`) seconds, "
                "lists are paged by cursor, problems are RFC 9457.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": paths,
            "components": {
                "schemas": components,
                "responses": {"Problem": _problem()},
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "session": {"type": "apiKey", "in": "cookie", "name": "ramal_session"},
                },
            },
        }
    )


def _schemas(*types: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """JSON Schemas of types and what they refer to. The caller's own: they are kept as text."""
    schemas, components = msgspec.json.decode(_written_schemas(types))
    return schemas, components


@cache
def _written_schemas(types: tuple[Any, ...]) -> bytes:
    """Made once for a process, a fifth of a second of work, however many servers it opens."""
    return msgspec.json.encode(msgspec.json.schema_components(types, ref_template=_REF))


def _problem() -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {"description": "A refusal (RFC 9457)", "content": content}


def _operation(route: Route, known: dict[int, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.action,
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": _path_parameters(route) + _query_parameters(route, components),
        "responses": {str(route.status if _has_body(route) else 204): _success(route, known)},
    }
    for status in sorted(_problems_of(route)):
        operation["responses"][str(status)] = {"$ref": "#/components/responses/Problem"}
    if route.roles:
        operation["security"] = [{"bearer": []}, {"session": []}]
        operation["x-roles"] = sorted(route.roles)
    if route.body is not None:
        content = {"application/json": {"schema": known[id(route.body)]}}
        operation["requestBody"] = {"required": not route.body_optional, "content": content}
    elif route.takes:
        schema = {"type": "string", "format": "binary"}
        content = {kind: {"schema": schema} for kind in route.takes}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _has_body(route: Route) -> bool:
    return route.answer is not None or route.media_type != "application/json"


def _success(route: Route, known: dict[int, Any]) -> dict[str, Any]:
    description = TITLES.get(route.status, ("Done", ""))[0]
    if not _has_body(route):
        return {"description": description}
    if route.answer is None:
        return {"description": description, "content": {route.media_type: {}}}
    return {"description": description, "content": {route.media_type: {"schema": known[id(route.answer)]}}}


def _problems_of(route: Route) -> set[int]:
    statuses = {400, 500, 503, *route.problems}
    if route.roles:
        statuses |= {401, 403}
    if "{" in route.path:
        statuses.add(404)
    if route.writes:
        statuses.add(413)
    if route.body is not None or route.takes:
        statuses |= {415, 422}
    return statuses


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    """A query's struct as parameters; optional ones are left out, never sent as null."""
    if route.query is None:
        return []
    _, parts = _schemas(route.query)
    schema = parts.pop(route.query.__name__)
    components.update(parts)
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(value)}
        for name, value in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
    if "anyOf" not in kept:
        return kept
    options = [option for option in kept.pop("anyOf") if option != {"type": "null"}]
    return {**kept, **options[0]} if len(options) == 1 else {**kept, "anyOf": options}
