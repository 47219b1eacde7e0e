"""`ports.Phones`: operators' phone accounts on the PBX, by ARI's dynamic configuration."""

from __future__ import annotations

import structlog

from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.events import AnyEvent
from ari_app.model.ids import OperatorId

log = structlog.get_logger()


class AriPhones:
    """Makes and cuts phone accounts; idempotent, so that it may run on every connect."""

    def __init__(self, connection: Connection[AnyEvent]) -> None:
        self._connection = connection

    async def put_phone(self, operator: OperatorId, password: str) -> bool:
        pbx = self._connection.shard(operator).asterisk
        objects = (
            ("auth", {"auth_type": "digest", "username": operator, "password": password}),
            ("aor", {"max_contacts": "1", "remove_existing": "yes", "qualify_frequency": "3",
                     "qualify_timeout": "1"}),
            ("endpoint", {"auth": operator, "aors": operator, "context": "from-operator", "transport": "udp",
                          "disallow": "all", "allow": "alaw,ulaw", "direct_media": "no",
                          "rtp_symmetric": "yes", "force_rport": "yes", "rewrite_contact": "yes",
                          "timers": "no", "100rel": "no", "send_connected_line": "no",
                          "device_state_busy_at": "1", "rtp_timeout": "30", "rtp_timeout_hold": "300"}),
        )  # fmt: skip
        for kind, fields in objects:
            done = await pbx.put_config("res_pjsip", kind, operator, fields)
            if not isinstance(done, ari.Ok):
                log.error("phone.refused", operator=operator, object=kind, answer=str(done))
                return False
        return True

    async def delete_phone(self, operator: OperatorId) -> bool:
        pbx = self._connection.shard(operator).asterisk
        gone = [await pbx.delete_config("res_pjsip", kind, operator) for kind in ("endpoint", "aor", "auth")]
        return all(isinstance(answer, ari.Ok | ari.Gone) for answer in gone)
