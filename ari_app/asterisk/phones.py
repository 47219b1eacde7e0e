"""`ports.Phones`: operators' phone accounts on the PBX, in the words of the calls."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.provisioning import Kind, Phone, Provisioning
from ari_app.model.ids import OperatorId

log = structlog.get_logger()


class AriPhones:
    """Makes and cuts phone accounts; the same again changes nothing, so that it may run on every connect."""

    def __init__(
        self, provisioning: Provisioning, kind: Kind, exceptions: Mapping[str, Kind] | None = None
    ) -> None:
        """`kind` is how operators' phones come: `tls` in production, `udp` where plain SIP was asked for;
        `exceptions` names those that come otherwise, by extension.
        """
        self._provisioning = provisioning
        self._kind = kind
        self._exceptions = exceptions or {}

    def kind_of(self, operator: OperatorId) -> Kind:
        """How this operator's phone comes."""
        return self._exceptions.get(operator, self._kind)

    async def put_phone(self, operator: OperatorId, password: str) -> bool:
        done = await self._provisioning.put_phone(Phone(operator, password, self.kind_of(operator)))
        return _told("phone.refused", operator, done)

    async def delete_phone(self, operator: OperatorId) -> bool:
        return _told("phone.not_deleted", operator, await self._provisioning.delete_phone(operator))


def _told(event: str, operator: OperatorId, done: ari.Ok[None] | ari.Failure) -> bool:
    if isinstance(done, ari.Ok):
        return True
    log.error(event, operator=operator, answer=str(done))
    return False
