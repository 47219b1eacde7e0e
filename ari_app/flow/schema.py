"""The flow language as JSON Schema (draft 2020-12), so that editors complete and check flow files (C9)."""

from __future__ import annotations

import inspect
from typing import Any

from ari_app.flow.flow import EMPTY
from ari_app.flow.kinds import NAME_PATTERN, VARIABLE_PATTERN
from ari_app.flow.parse import HEADER
from ari_app.flow.registry import NODE_TYPES, NodeType
from ari_app.flow.site import SITE_READER

_TARGET = {"type": "string", "pattern": NAME_PATTERN}


def schema() -> dict[str, Any]:
    """The schema of a flow file."""
    types = list(EMPTY)
    entry = {
        "type": "object",
        "additionalProperties": False,
        "required": ["type"],
        "properties": {"type": {"enum": types}, "default": {}},
    }
    properties = dict(HEADER.schema["properties"])
    properties["variables"] = {
        "type": "object",
        "description": "Variables with their types and defaults.",
        "propertyNames": {"pattern": VARIABLE_PATTERN},
        "additionalProperties": {"anyOf": [{"enum": types}, entry]},
    }
    properties["nodes"] = {
        "type": "object",
        "description": "The nodes by name.",
        "minProperties": 1,
        "propertyNames": {"pattern": NAME_PATTERN},
        "additionalProperties": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": list(NODE_TYPES)}},
            "allOf": [
                {
                    "if": {"properties": {"type": {"const": name}}},
                    "then": {"$ref": f"#/$defs/{name}"},
                }
                for name in NODE_TYPES
            ],
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ramal call flow",
        "type": "object",
        "additionalProperties": False,
        "required": [*HEADER.required, "nodes"],
        "properties": properties,
        "$defs": {name: node_schema(node_type) for name, node_type in NODE_TYPES.items()},
    }


def site_schema() -> dict[str, Any]:
    """The schema of a site file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ramal site",
        **SITE_READER.schema,
    }


def node_schema(node_type: NodeType) -> dict[str, Any]:
    """The schema of one node type."""
    properties: dict[str, Any] = {"type": {"const": node_type.name}, "note": {"type": "string"}}
    properties |= node_type.reader.schema["properties"]
    exits = {exit_.name: {**_TARGET, "description": exit_.doc} for exit_ in node_type.cls.EXITS}
    if "next" in exits:
        properties["next"] = exits["next"]
    if exits:
        properties["on"] = {
            "type": "object",
            "description": "Exit → node; `otherwise` stands for all that are not named.",
            "additionalProperties": _TARGET,
            "properties": {**exits, "otherwise": _TARGET},
        }
    return {
        "type": "object",
        "description": inspect.cleandoc(node_type.doc),
        "additionalProperties": False,
        "required": ["type", *node_type.reader.required],
        "properties": properties,
    }
