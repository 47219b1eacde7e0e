"""A softphone that people really use: baresip, registered as an operator's phone, its keys pressed by TCP."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from pbx.patience import PATIENCE_S
from pbx.telephony import until
from tests.support.free_ports import free_port

LONGEST_S = 300
"""What it says ends then."""
MODULES = Path("/usr/lib/baresip/modules")
CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
call_max_calls 4
audio_source aufile,{voice}
ausrc_srate 8000
module_path {modules}
module g711.so
module aufile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{port}
"""


class Softphone:
    """A running baresip; it picks up whatever rings, and says a tone."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process, self._port, self._log = process, port, log

    def press(self, command: str, params: str = "") -> None:
        """A key of its own, as `transfer` with a SIP URI."""
        said = json.dumps({"command": command, "params": params}).encode()
        with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE_S) as line:
            line.sendall(b"%d:%s," % (len(said), said))
            answer = b""
            while b'"response":true' not in answer:  # events of the call may come before it
                more = line.recv(65_536)
                assert more, answer
                answer += more

    def said(self) -> str:
        """What it printed so far."""
        assert self._process.poll() is None, self._log.read_text("utf-8", "replace")
        return self._log.read_text("utf-8", "replace")

    def await_said(self, words: str, least: int = 1) -> None:
        """Until it has printed this so often."""
        until(lambda: self.said().count(words) >= least, PATIENCE_S, f"the softphone says {words!r}")


@contextmanager
def softphone(folder: Path, extension: str, password: str, pbx: str, *, hz: int) -> Iterator[Softphone]:
    """Registered at `pbx` (host:port) when it is given; ended afterwards. `folder` is its own."""
    folder.mkdir()
    port, log = free_port(), folder / "log"
    at = np.arange(LONGEST_S * 8000) / 8000
    soundfile.write(folder / "voice.wav", 0.3 * np.sin(2 * np.pi * hz * at), 8000, "PCM_16")
    (folder / "config").write_text(
        CONFIG.format(voice=folder / "voice.wav", modules=MODULES, port=port), "utf-8"
    )
    (folder / "accounts").write_text(
        f"<sip:{extension}@{pbx};transport=udp>;auth_user={extension};auth_pass={password}"
        ";answermode=auto;regint=60;audio_codecs=PCMA\n",
        "utf-8",
    )
    (folder / "contacts").write_text("", "utf-8")
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["baresip", "-4", "-f", str(folder)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        phone = Softphone(process, port, log)
        phone.await_said("200 OK")
        yield phone
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)
