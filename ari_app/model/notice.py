"""What supervisors tell operators."""

from __future__ import annotations

import msgspec

from ari_app.model.ids import ClientId, OperatorId


class Notice(msgspec.Struct, frozen=True):
    """A supervisor's words as one operator has them; `id` is the same for all who were told."""

    id: str
    operator: OperatorId
    text: str
    by: str
    at: float
    client: ClientId
