"""AMI, for what ARI cannot do: MixMonitor, pulling a talking pair back, members of the fallback queue."""

from __future__ import annotations

from ari_app.asterisk.ami.connection import (
    Ami,
    AmiConnected,
    AmiDisconnected,
    AmiNews,
    AmiSettings,
    AmiUnauthorized,
)
from ari_app.asterisk.ami.operations import AmiOperations, QueueMember

__all__ = [
    "Ami",
    "AmiConnected",
    "AmiDisconnected",
    "AmiNews",
    "AmiOperations",
    "AmiSettings",
    "AmiUnauthorized",
    "QueueMember",
]
