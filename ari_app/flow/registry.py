"""The node types there are: every module of `nodes/` with a class whose `TYPE` names it (C8)."""

from __future__ import annotations

import importlib
import pkgutil
from types import MappingProxyType

import msgspec

from ari_app.flow import nodes
from ari_app.flow.node import Node
from ari_app.flow.shape import StructReader

COMMON_KEYS = frozenset({"type", "next", "on", "note"})


class NodeType(msgspec.Struct, frozen=True):
    """A type of node: its name in YAML (the module's), its class and the reader of its fields."""

    name: str
    cls: type[Node]
    reader: StructReader

    @property
    def doc(self) -> str:
        """The documentation: the class's docstring."""
        return (self.cls.__doc__ or "").strip()


def discover() -> dict[str, NodeType]:
    """The modules of `nodes/`, each with its one node type. Raises `TypeError` for a module without."""
    found: dict[str, NodeType] = {}
    for module_info in sorted(pkgutil.iter_modules(nodes.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{nodes.__name__}.{module_info.name}")
        classes = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Node) and value.__module__ == module.__name__
        ]
        if len(classes) != 1:
            raise TypeError(f"{module.__name__} must define exactly one node type, not {len(classes)}")
        reader = StructReader(classes[0], extra=COMMON_KEYS)
        found[module_info.name] = NodeType(module_info.name, classes[0], reader)
    return found


NODE_TYPES = MappingProxyType(discover())
