"""What softphones read to set themselves up: one account, sound encrypted where signalling is (P8).

Linphone: lpconfig as XML, "Fetch remote configuration". Groundwire and other Acrobits phones: Account XML
(doc.acrobits.net). MicroSIP: `microsip.ini`, beside its program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

Softphone = Literal["linphone", "acrobits", "microsip"]


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    """`server` is host and port, `transport` tls, tcp or udp; `name` is whatever people typed."""

    operator: str
    name: str
    password: str
    server: str
    transport: str

    @property
    def host(self) -> str:
        return self.server.rpartition(":")[0]

    @property
    def encrypted(self) -> bool:
        return self.transport == "tls"

    @property
    def plain_name(self) -> str:
        """In one line, without what ends a value."""
        return "".join(char if char.isprintable() and char not in '"[]=;' else " " for char in self.name)


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """A file as it is served; `name` is set for one that a person saves."""

    text: str
    media_type: str
    name: str = ""


def linphone(account: PhoneAccount) -> PhoneFile:
    """Its lpconfig as XML."""
    server, kind = account.server, account.transport
    sections = {
        "auth_info_0": {
            "username": account.operator,
            "passwd": account.password,
            "domain": account.host,
        },
        "proxy_0": {
            "reg_proxy": f"<sip:{server};transport={kind}>",
            "reg_route": f"<sip:{server};transport={kind};lr>",
            "reg_identity": f'"{account.plain_name}" <sip:{account.operator}@{account.host}>',
            "reg_expires": "300",
            "reg_sendregister": "1",
        },
        "sip": {"default_proxy": "0", "media_encryption": "srtp" if account.encrypted else "none"},
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
    return PhoneFile("\n".join([*lines, "</config>", ""]), "application/xml")


def acrobits(account: PhoneAccount) -> PhoneFile:
    """Account XML; `tls+sip:` is TLS with `sip:` in the headers, as the PBX has it."""
    nodes = {
        "title": account.plain_name.strip() or account.operator,
        "username": account.operator,
        "password": account.password,
        "userDisplayName": account.plain_name,
        "host": account.server,
        "transport": "tls+sip:" if account.encrypted else account.transport,
        "expires": "300",
    }
    if account.encrypted:
        nodes |= {"sdesIncoming": "required", "sdesOutgoing": "required"}
    lines = [f"  <{node}>{escape(value)}</{node}>" for node, value in nodes.items()]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return PhoneFile("\n".join([head, "<account>", *lines, "</account>", ""]), "application/xml")


def microsip(account: PhoneAccount) -> PhoneFile:
    """The one account of a new `microsip.ini`."""
    entries = {
        "label": account.plain_name,
        "server": account.server,
        "proxy": "",
        "domain": account.server,
        "username": account.operator,
        "password": account.password,
        "authID": account.operator,
        "displayName": account.plain_name,
        "transport": account.transport,
        "SRTP": "mandatory" if account.encrypted else "",
        "registerRefresh": "300",
        "keepAlive": "15",
        "publish": "0",
        "ICE": "0",
    }
    lines = ["[Settings]", "accountId=1", "[Account1]", *(f"{key}={value}" for key, value in entries.items())]
    return PhoneFile("\r\n".join([*lines, ""]), "text/plain", "microsip.ini")


FILES: Mapping[Softphone, Callable[[PhoneAccount], PhoneFile]] = {
    "linphone": linphone,
    "acrobits": acrobits,
    "microsip": microsip,
}
