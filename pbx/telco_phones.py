"""Robot phones of the simulator: how they answer, and how they register at the PBX."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pbx.ami import Ami, Event
from pbx.backend import PbxError
from pbx.patience import PATIENCE_S
from pbx.running import Running
from pbx.sip_line import NEAR, SipLine
from pbx.telco_instance import PbxAddress
from pbx.tones import Samples, read_raw, seconds

SIGN_OFF_S, STRANGERS_SIGN_OFF_S = 15.0, 3.0
"""A phone that was registered is told that it is no more; one whose password was wrong never is."""

Do = Literal[
    "answer",
    "drop",
    "ring",
    "busy",
    "reject",
    "congestion",
    "unknown",
    "early",
    "announced",
    "machine",
    "fax",
    "once",
    "auto",
]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a phone does when it is called.

    It rings for `after_s`, then does `do`; on answer it says `say` and hangs up after `hang_up_s`, if given.
    `early` and `announced` send sound before any answer; `once` says its `file:` one time and listens, as
    a person does who was asked who is there; `machine` plays its greeting (a `file:`, or one of tones),
    then a beep, then listens. `auto` answers at once when the INVITE tells it to, and rings otherwise.
    """

    do: Do = "answer"
    after_s: float = 0.3
    say: str = "tone:600"
    hang_up_s: float | None = None

    def store(self, ami: Ami, number: str) -> None:
        """Make it hold for calls to a number from now on."""
        ends = "" if self.hang_up_s is None else str(self.hang_up_s)
        parts = {"do": self.do, "after": str(self.after_s), "say": self.say, "for": ends}
        for key, value in parts.items():
            if value:
                ami.ask("DBPut", Family=f"telco/{number}", Key=key, Val=value)
            else:
                _forget(ami, number, key)


def _forget(ami: Ami, number: str, key: str) -> None:
    try:
        ami.ask("DBDel", Family=f"telco/{number}", Key=key)
    except PbxError:
        return  # there was none


class Registrar:
    """Makes the simulator's phones register, through its own ARI."""

    def __init__(self, base: str, secret: str, pbx: PbxAddress) -> None:
        self._base = f"{base}/asterisk/config/dynamic/res_pjsip"
        self._login = "Basic " + base64.b64encode(f"telco:{secret}".encode()).decode()
        self._plain, self._tls = f"{pbx.host}:{pbx.sip_port}", f"{pbx.host}:{pbx.sips_port}"

    @property
    def target(self) -> tuple[str, int]:
        """Where phones register by plain SIP."""
        host, _, port = self._plain.rpartition(":")
        return host, int(port)

    def add(self, extension: str, password: str, transport: str, line: SipLine | None = None) -> None:
        """Start to register `extension`; a registration that is there already is changed and sent anew.

        `transport` is one of the simulator's; by `phones-tls` both signalling and sound are encrypted. The
        way to the PBX leads through `line`.
        """
        tls = transport == "phones-tls"
        server = f"{self._tls};transport=tls" if tls else self._plain
        self._request(
            "PUT",
            f"auth/{extension}",
            {"auth_type": "digest", "username": extension, "password": password},
        )
        self._request(
            "PUT",
            f"endpoint/{extension}",
            {
                "transport": "phones-tls" if tls else "phones",
                "aors": "pbx-phones-tls" if tls else "pbx-phones",
                "media_encryption": "sdes" if tls else "no",
                "outbound_auth": extension,
                "from_user": extension,
                "disallow": "all",
                "allow": "alaw",
                "direct_media": "no",
                "timers": "no",
                "rtp_symmetric": "yes",
            },
        )
        self._request(
            "PUT",
            f"registration/{extension}",
            {
                "server_uri": f"sip:{server}",
                "client_uri": f"sip:{extension}@{server}",
                "contact_user": extension,
                "outbound_auth": extension,
                "transport": transport,
                **({"outbound_proxy": f"sip:{NEAR}:{line.port};lr"} if line is not None else {}),
                "expiration": "300",
                "retry_interval": "2",
                "max_random_initial_delay": "0",
                "forbidden_retry_interval": "5",
                "max_retries": "30",
            },
        )

    def remove(self, extension: str) -> None:
        """Start to unregister `extension`; its password is still needed for that, so it stays."""
        self._request("DELETE", f"registration/{extension}", None)

    def _request(self, method: str, path: str, values: dict[str, str] | None) -> None:
        body = None
        if values is not None:
            pairs = [{"attribute": name, "value": value} for name, value in values.items()]
            body = json.dumps({"fields": pairs}).encode()
        headers = {"Authorization": self._login, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._base}/{path}", body, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S):  # noqa: S310 - a fixed http address
                return
        except urllib.error.HTTPError as error:
            if method == "DELETE" and error.code == 404:
                return
            raise PbxError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from None


class Robot:
    """An operator's phone without a person."""

    def __init__(
        self,
        ami: Ami,
        running: Running,
        registrar: Registrar,
        extension: str,
        password: str,
        *,
        tls: bool = False,
        line: SipLine | None = None,
    ) -> None:
        self.extension = extension
        self._line = line
        self._transport = "phones-tls" if tls else "phones"
        self._ami = ami
        self._running = running
        self._registrar = registrar
        self._password = password
        self._known = False

    def behave(self, behaviour: Behaviour) -> None:
        """Treat calls from now on like this."""
        behaviour.store(self._ami, self.extension)

    def register(self, timeout_s: float = PATIENCE_S) -> None:
        """Register at the PBX and wait until it said yes; one that died lives again."""
        if self._line is not None:
            self._line.cut = False
        self.try_to_register()
        self._await("Registered", timeout_s)
        self._known = True

    def try_to_register(self) -> None:
        """Ask the PBX, whatever it will say."""
        self._registrar.add(self.extension, self._password, self._transport, self._line)

    def await_refused(self, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the PBX has said no."""
        self._await("Rejected", timeout_s)

    def die(self) -> None:
        """Stay registered and say nothing any more, to calls that ring now neither (a `mortal` one only)."""
        assert self._line is not None, f"{self.extension} is not mortal"
        self._line.cut = True

    def close(self) -> None:
        """Nothing of it is left here."""
        if self._line is not None:
            self._line.close()

    def unregister(self) -> None:
        """Sign off properly; waits until the PBX knows, or for a while where it does not care any more."""
        if self._line is not None:
            self._line.cut = False
        since = self._ami.mark()
        self._registrar.remove(self.extension)
        self._ami.wait(self._unregistered, SIGN_OFF_S if self._known else STRANGERS_SIGN_OFF_S, since)

    def _unregistered(self, event: Event) -> bool:
        mine = event.get("Username", "").startswith(f"sip:{self.extension}@")
        return event.get("Event") == "Registry" and mine and event.get("Status") == "Unregistered"

    def hangup(self) -> None:
        """Hang up the call that this robot is in."""
        for event in self._ami.find(
            lambda event: event.get("UserEvent") == "TelcoOffered" and event.get("Number") == self.extension
        ):
            try:
                self._ami.ask("Hangup", Channel=event["Channel"], Cause="16")
            except PbxError:
                continue  # that one is over

    def refer(self, uri: str) -> None:
        """Press the transfer key: SIP REFER to `sip:…`; the call goes on when that is refused."""
        channel = self._last()["Channel"]
        self._ami.ask("Setvar", Channel=channel, Variable="REFER_TO", Value=uri)
        self._ami.ask("Redirect", Channel=channel, Context="telco-refer", Exten="refer", Priority="1")

    def await_referred(self, timeout_s: float = PATIENCE_S) -> str:
        """How the transfer key's request went: SUCCESS or FAILURE."""
        channel = self._last()["Channel"]
        event = self._ami.wait(
            lambda event: event.get("UserEvent") == "TelcoReferred" and event.get("Channel") == channel,
            timeout_s,
        )
        if event is None:
            raise PbxError(f"phone {self.extension} got no answer to its REFER within {timeout_s} s")
        return event["Status"]

    def recorded_audio(self) -> Samples:
        """All that this phone has heard in its last call, mono, 8 kHz; readable while that lasts."""
        file = Path(self._last()["File"])
        return read_raw(file)[:, 0] if file.exists() else read_raw(Path("/dev/null"))[:, 0]

    def hears(self, frequency: float, timeout_s: float = PATIENCE_S, least_s: float = 0.4) -> None:
        """Wait until this phone has heard a tone, after now, for `least_s` seconds."""
        begin = len(self.recorded_audio())
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if seconds(self.recorded_audio()[begin:], frequency) >= least_s:
                return
            time.sleep(0.05)
        raise PbxError(f"phone {self.extension} did not hear {frequency} Hz within {timeout_s} s")

    def _last(self) -> Event:
        offers = self._ami.find(
            lambda event: event.get("UserEvent") == "TelcoOffered" and event.get("Number") == self.extension
        )
        if not offers:
            raise PbxError(f"nobody called {self.extension} yet")
        return offers[-1]

    def _await(self, state: str, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            said = self._running.cli(f"pjsip show registration {self.extension}")
            if f" {state} " in said + " ":
                return
            time.sleep(0.05)
        raise PbxError(
            f"phone {self.extension} is not {state.lower()} after {timeout_s} s: {said.strip()[-300:]}"
        )
