"""Operators' phones on the PBX, made, changed and cut while it runs.

Ramal's database is the truth; the PBX holds a copy (sorcery in astdb), written over ARI's dynamic
configuration in milliseconds, and `reconcile` brings it in step after every connect. A phone is three
objects of one name: `auth`, `aor`, `endpoint`, written in this order, so that an endpoint is never there
without its password.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.ari.outcome import Failure, Gone, Ok, Outcome, Refused

Kind: TypeAlias = Literal["udp", "tcp", "tls", "webrtc"]
ContactUris: TypeAlias = Callable[[str], Awaitable[Outcome[list[str]]]]
"""Gives the addresses at which a phone is registered: `AmiOperations.contact_uris`."""

_MODULE = "res_pjsip"
_EXTENSION = re.compile(r"\d{2,8}")
_NAME = re.compile(r"[^\x00-\x1f\x7f\"<>\\]{0,60}")
_PASSWORD = re.compile(r"[\x21-\x7e]{8,80}")

ENDPOINT = {
    "context": "from-operator",
    "disallow": "all",
    # All media goes through the PBX, for recording; the other three save Asterisk work on each call.
    "direct_media": "no",
    "timers": "no",
    "100rel": "no",
    "send_connected_line": "no",
    # One call at a time: the phone is busy for everybody else, the fallback queue included.
    "device_state_busy_at": "1",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "rewrite_contact": "yes",
    "rtp_timeout_hold": "300",
    "allow_subscribe": "no",
    # A phone is who proves it, never who comes from an address.
    "identify_by": "username",
}
# Over TLS the sound is encrypted as well, or there is no call.
SRTP = {"media_encryption": "sdes", "media_encryption_optimistic": "no"}
PLAIN = {"media_encryption": "no"}
CODECS = "alaw,ulaw"
"""A-law first, as the trunk has it: nothing is transcoded. Nothing wider than 8 kHz: see ADR 14."""
SIP_ENDPOINT = {"webrtc": "no", "allow": CODECS, "rtp_timeout": "30", "dtmf_mode": "auto_info"}
WEB_ENDPOINT = {
    "webrtc": "yes",
    "dtls_auto_generate_cert": "yes",
    "max_audio_streams": "1",
    "allow": CODECS,
    # A closed tab leaves its call behind: without sound it ends.
    "rtp_timeout": "10",
}
# The newest registration wins. An unreachable phone is noticed in 3 to 5 s; a browser keeps its own socket.
AOR = {"max_contacts": "1", "remove_existing": "yes", "minimum_expiration": "60"}
SIP_AOR = {"qualify_frequency": "3", "qualify_timeout": "1.0", "default_expiration": "300"}
SIP_AOR |= {"maximum_expiration": "300"}
WEB_AOR = {"qualify_frequency": "30", "qualify_timeout": "3.0", "default_expiration": "120"}
WEB_AOR |= {"maximum_expiration": "120"}


@dataclass(frozen=True, slots=True)
class Phone:
    """One operator's phone: `extension` is its name, its user and the endpoint `PJSIP/<extension>`.

    `media_address` is for loopback tests: the address RTP binds to.
    """

    extension: str
    password: str = field(repr=False)
    kind: Kind = "udp"
    name: str = ""
    language: str = ""
    media_address: str = ""

    def problem(self) -> str | None:
        """What is wrong with it, naming the field; None where nothing is."""
        if not _EXTENSION.fullmatch(self.extension):
            return f"extension: {self.extension!r} is not a number of 2 to 8 digits"
        if not _PASSWORD.fullmatch(self.password):
            return "password: 8 to 80 printable ASCII characters without spaces are needed"
        if not _NAME.fullmatch(self.name):
            return f"name: {self.name!r} holds quotes, angle brackets or control characters, or is too long"
        return None

    def endpoint(self) -> dict[str, str]:
        """The endpoint's attributes, in the order they are to be set."""
        web = self.kind == "webrtc"
        fields = {"transport": "wss" if web else self.kind, "aors": self.extension, "auth": self.extension}
        fields |= ENDPOINT | (WEB_ENDPOINT if web else SIP_ENDPOINT)
        if not web:
            fields |= SRTP if self.kind == "tls" else PLAIN
        fields["callerid"] = f'"{self.name or self.extension}" <{self.extension}>'
        if self.language:
            fields["language"] = self.language
        if self.media_address:
            fields |= {"media_address": self.media_address, "bind_rtp_to_media_address": "yes"}
        return fields

    def aor(self) -> dict[str, str]:
        """The address-of-record's attributes."""
        return AOR | (WEB_AOR if self.kind == "webrtc" else SIP_AOR)

    def auth(self) -> dict[str, str]:
        """The credential's attributes."""
        return {"auth_type": "digest", "username": self.extension, "password": self.password}


class Provisioning:
    """Writes phones to one PBX."""

    def __init__(self, ari: Operations, contact_uris: ContactUris) -> None:
        self._ari = ari
        self._pbx = ari.asterisk
        self._contact_uris = contact_uris

    async def put_phone(self, phone: Phone) -> Outcome[None]:
        """Makes or changes a phone; the same again changes nothing. A new password cuts who is registered.

        Refused(400) names the field that is wrong; Unavailable means that the PBX is away: reconcile later.
        """
        if (problem := phone.problem()) is not None:
            return Refused(400, problem)
        before = await self._attributes("auth", phone.extension)
        if isinstance(before, Failure) and not isinstance(before, Gone):
            return before
        if isinstance(failed := await self._drop_other_kind(phone), Failure):
            return failed
        if not isinstance(written := await self._put("auth", phone, phone.auth()), Ok):
            return written
        # Before the AOR is written: a registration that is ended right after that comes back.
        if isinstance(before, dict) and before.get("password") != phone.password:
            kicked = await self._kick(phone.extension)
            if not isinstance(kicked, Ok):
                return kicked
        for kind, fields in (("aor", phone.aor()), ("endpoint", phone.endpoint())):
            if not isinstance(written := await self._put(kind, phone, fields), Ok):
                return written
        return Ok(None)

    async def delete_phone(self, extension: str) -> Outcome[None]:
        """Removes a phone and cuts its registration at once; one that is not there is as good as removed.

        The credential goes first, so that it cannot register again; the endpoint goes after the registration,
        so that whoever is subscribed to it hears that it went offline. A call that it is in goes on.
        """
        if not _EXTENSION.fullmatch(extension):
            return Refused(400, f"extension: {extension!r} is not a number of 2 to 8 digits")
        removed = await self._remove("auth", extension)
        kicked = await self._kick(extension) if isinstance(removed, Ok) else removed
        for kind in ("endpoint", "aor"):
            if isinstance(removed, Ok):
                removed = await self._remove(kind, extension)
        return kicked if isinstance(removed, Ok) else removed

    async def list_phones(self) -> Outcome[list[str]]:
        """Extensions of the phones on the PBX; trunks and outside phones have names that are no numbers."""
        listed = await self._ari.endpoints.list()
        if not isinstance(listed, Ok):
            return listed
        names = (each.resource for each in listed.value if each.technology == "PJSIP")
        return Ok(sorted(name for name in names if _EXTENSION.fullmatch(name)))

    async def reconcile(self, phones: Mapping[str, Phone]) -> dict[str, Failure]:
        """Makes the PBX's phones exactly these; gives what failed by extension (`*`: could not even list)."""
        failed: dict[str, Failure] = {}
        listed = await self.list_phones()
        if not isinstance(listed, Ok):
            return {"*": listed}
        for extension in listed.value:
            if extension not in phones:
                removed = await self.delete_phone(extension)
                if not isinstance(removed, Ok):
                    failed[extension] = removed
        for extension, phone in phones.items():
            written = await self.put_phone(phone)
            if not isinstance(written, Ok):
                failed[extension] = written
        return failed

    async def _drop_other_kind(self, phone: Phone) -> Failure | None:
        """An endpoint that turns from SIP to browser or back is made anew: attributes once set would stay."""
        before = await self._attributes("endpoint", phone.extension)
        if not isinstance(before, dict):
            return None if isinstance(before, Gone) else before
        if before.get("transport") == phone.endpoint()["transport"]:
            return None
        removed = await self._remove("endpoint", phone.extension)
        return None if isinstance(removed, Ok) else removed

    async def _put(self, kind: str, phone: Phone, fields: Mapping[str, str]) -> Outcome[None]:
        written = await self._pbx.put_config(_MODULE, kind, phone.extension, fields)
        return Ok(None) if isinstance(written, Ok) else written

    async def _attributes(self, kind: str, extension: str) -> dict[str, str] | Failure:
        read = await self._pbx.get_config(_MODULE, kind, extension)
        return {pair.attribute: pair.value for pair in read.value} if isinstance(read, Ok) else read

    async def _remove(self, kind: str, name: str) -> Outcome[None]:
        removed = await self._pbx.delete_config(_MODULE, kind, name)
        return Ok(None) if isinstance(removed, Gone) else removed

    async def _kick(self, extension: str) -> Outcome[None]:
        """Ends the phone's registrations: else calls would go to its old address until they expire.

        A contact's id is the AOR's name and the MD5 of its URI (res_pjsip/location.c, Asterisk 22).
        """
        uris = await self._contact_uris(extension)
        if not isinstance(uris, Ok):
            return uris
        for uri in uris.value:
            digest = hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest()
            removed = await self._remove("contact", f"{extension};@{digest}")
            if not isinstance(removed, Ok):
                return removed
        return Ok(None)
