"""Setting up an operator's softphone by a QR code or link (P8): valid once, for a quarter of an hour.

The link gives the file of the softphone that it was made for (`phone_files`). Softphones that read none are
told server, name and transport, and the password by `rotate`.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import segno
from aiohttp import web

from ari_app.model.ids import OperatorId
from ari_app.ports import IllegalTransition, NotFound, OperatorDesk
from ari_app.web.api.operators import visible
from ari_app.web.api.phone_files import FILES, PhoneAccount, Softphone
from ari_app.web.route import ADMINS, ANYBODY, Ask, Route
from ari_app.web.views import Time, rfc3339

VALID_S = 900.0
MOST_LINKS = 1000
_PORTS = {"tls": 5061, "tcp": 5060, "udp": 5060}


class PhoneSetupQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which softphone the link is for."""

    softphone: Softphone = "linphone"


class PhoneSetupOut(msgspec.Struct, frozen=True):
    """`link` works once and holds no password itself; `qr_svg` is the same as a picture."""

    link: str
    qr_svg: str
    expires_at: Time
    server: str
    username: str
    transport: str


@dataclass(slots=True)
class _Link:
    operator: OperatorId
    until: float
    softphone: Softphone


@dataclass(frozen=True, slots=True)
class PhoneSetupApi:
    """`passwords`: of the phones that the PBX knows. `kind_of`: how an operator's phone comes, `tls` say.

    `place` is the host, or host and port, at which phones register; empty: the host that was asked.
    """

    desk: OperatorDesk
    passwords: Callable[[], Awaitable[Mapping[OperatorId, str]]]
    kind_of: Callable[[OperatorId], str]
    place: str = ""
    _links: dict[str, _Link] = field(default_factory=dict)
    """By the hash of the link's secret part."""

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/operators/{extension}/phone-setup", self.make,
                  "A link and QR code that set a softphone up, once", ADMINS,
                  query=PhoneSetupQuery, answer=PhoneSetupOut, status=201, problems=(404, 409)),
            Route("GET", "/phone-setup/{secret}", self.fetch,
                  "What a softphone fetches by such a link", ANYBODY, media_type="*/*", problems=(404,)),
        ]  # fmt: skip

    async def make(self, ask: Ask) -> PhoneSetupOut:
        operator = visible(self.desk, ask).operator
        if not operator.enabled:
            raise IllegalTransition(f"operator {operator.id} is disabled")
        kind = self.kind_of(operator.id)
        if kind not in _PORTS:
            raise IllegalTransition(f"operator {operator.id} has a browser for a phone")
        for known, link in list(self._links.items()):
            if link.until <= ask.now or link.operator == operator.id or len(self._links) >= MOST_LINKS:
                del self._links[known]  # a new link is the only one
        secret, until = secrets.token_urlsafe(32), ask.now + VALID_S
        self._links[_hashed(secret)] = _Link(operator.id, until, ask.query.softphone)
        url = f"{ask.request.url.origin()}/api/v1/phone-setup/{secret}"
        picture = io.BytesIO()
        segno.make(url, error="m", micro=False).save(picture, kind="svg", scale=6, xmldecl=False)
        return PhoneSetupOut(
            url, picture.getvalue().decode(), rfc3339(until), self._server(ask, kind), operator.id, kind
        )

    async def fetch(self, ask: Ask) -> web.Response:
        link = self._links.pop(_hashed(ask.path["secret"]), None)
        view = None if link is None or link.until <= ask.now else self.desk.view(link.operator)
        if link is None or view is None or not view.operator.enabled:
            raise NotFound("this link does not exist, was used, or is too old")
        operator = view.operator.id
        password = (await self.passwords()).get(operator)
        if password is None:
            raise NotFound("this link does not exist, was used, or is too old")
        kind = self.kind_of(operator)
        account = PhoneAccount(operator, view.operator.name, password, self._server(ask, kind), kind)
        file = FILES[link.softphone](account)
        headers = {"Cache-Control": "no-store"}
        if file.name:
            headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return web.Response(text=file.text, content_type=file.media_type, headers=headers)

    def _server(self, ask: Ask, kind: str) -> str:
        place = self.place or ask.request.url.host or "127.0.0.1"
        return place if ":" in place else f"{place}:{_PORTS[kind]}"


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
