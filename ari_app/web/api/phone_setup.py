"""Setting up an operator's softphone by a QR code or link (P8): valid once, for a quarter of an hour.

The link gives what Linphone calls remote provisioning (its own lpconfig XML), which the phone fetches.
Softphones that read no link are told server, name and transport, and the password by `rotate`.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import msgspec
import segno
from aiohttp import web

from ari_app.model.ids import OperatorId
from ari_app.ports import IllegalTransition, NotFound, OperatorDesk
from ari_app.web.api.operators import visible
from ari_app.web.route import ADMINS, ANYBODY, Ask, Route
from ari_app.web.views import Time, rfc3339

VALID_S = 900.0
MOST_LINKS = 1000
XML = "application/xml"
_PORTS = {"tls": 5061, "tcp": 5060, "udp": 5060}


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
                  answer=PhoneSetupOut, status=201, problems=(404, 409)),
            Route("GET", "/phone-setup/{secret}", self.fetch,
                  "What a softphone fetches by such a link", ANYBODY, media_type=XML, problems=(404,)),
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
        self._links[_hashed(secret)] = _Link(operator.id, until)
        url = f"{ask.request.url.origin()}/api/v1/phone-setup/{secret}"
        picture = io.BytesIO()
        segno.make(url, error="m", micro=False).save(picture, kind="svg", scale=6, xmldecl=False)
        return PhoneSetupOut(
            url, picture.getvalue().decode(), rfc3339(until), self._server(ask, kind), operator.id, kind
        )

    async def fetch(self, ask: Ask) -> web.Response:
        link = self._links.pop(_hashed(ask.path["secret"]), None)
        view = None if link is None or link.until <= ask.now else self.desk.view(link.operator)
        if view is None or not view.operator.enabled:
            raise NotFound("this link does not exist, was used, or is too old")
        operator = view.operator.id
        password = (await self.passwords()).get(operator)
        if password is None:
            raise NotFound("this link does not exist, was used, or is too old")
        kind = self.kind_of(operator)
        body = configuration(operator, view.operator.name, password, self._server(ask, kind), kind)
        return web.Response(text=body, content_type=XML, headers={"Cache-Control": "no-store"})

    def _server(self, ask: Ask, kind: str) -> str:
        place = self.place or ask.request.url.host or "127.0.0.1"
        return place if ":" in place else f"{place}:{_PORTS[kind]}"


def configuration(operator: str, name: str, password: str, server: str, kind: str) -> str:
    """Linphone's lpconfig as XML: one account, encrypted sound where signalling is."""
    host = server.rpartition(":")[0]
    sections = {
        "auth_info_0": {"username": operator, "passwd": password, "domain": host},
        "proxy_0": {
            "reg_proxy": f"<sip:{server};transport={kind}>",
            "reg_route": f"<sip:{server};transport={kind};lr>",
            "reg_identity": f'"{name.replace(chr(34), "")}" <sip:{operator}@{host}>',
            "reg_expires": "300",
            "reg_sendregister": "1",
        },
        "sip": {"default_proxy": "0", "media_encryption": "srtp" if kind == "tls" else "none"},
        "misc": {"transient_provisioning": "1"},
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">',
    ]
    for section, entries in sections.items():
        lines.append(f'<section name="{section}">')
        for key, value in entries.items():
            lines.append(f'<entry name="{key}" overwrite="true">{escape(value)}</entry>')
        lines.append("</section>")
    return "\n".join([*lines, "</config>", ""])


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
