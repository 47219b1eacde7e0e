"""The application at its start: what is missing or taken is said in words, with the setting's name."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from ari_app.app.serve import ALREADY_SERVED, REPLACED
from demo.centre import Centre
from pbx.patience import PATIENCE_S
from pbx.telephony import until
from tests.support.free_ports import free_port

FREE = {"RAMAL_BIND": "127.0.0.1", "RAMAL_CONSOLE": "/nonexistent", "RAMAL_PHONES": "udp"}


def environment(state: Path, **settings: str) -> dict[str, str]:
    base = {name: value for name, value in os.environ.items() if not name.startswith("RAMAL_")}
    ours = {
        "RAMAL_STATE": str(state),
        "RAMAL_HTTP_PORT": str(free_port()),
        "RAMAL_AGI_PORT": str(free_port()),
        "RAMAL_ARI_URL": f"http://127.0.0.1:{free_port()}",
        "RAMAL_ARI_PASSWORD": "secret",
        "RAMAL_AMI_SECRET": "secret",
        "RAMAL_AMI_PORT": str(free_port()),
        "RAMAL_ADMIN_TOKEN": "token-of-the-test",
    }
    return {**base, **FREE, **ours, **settings}


def start(settings: dict[str, str]) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "ari_app", "serve"]
    return subprocess.Popen(argv, env=settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def last_words(process: subprocess.Popen[str], timeout_s: float = PATIENCE_S) -> tuple[int, str]:
    said, _ = process.communicate(timeout=timeout_s)
    return process.returncode, said


def test_X1_missing_password_names_its_setting(tmp_path: Path) -> None:
    settings = environment(tmp_path)
    del settings["RAMAL_ARI_PASSWORD"]
    status, said = last_words(start(settings))
    assert status == 2
    assert "RAMAL_ARI_PASSWORD" in said


def test_X1_port_taken_is_said_with_address_and_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = last_words(start(environment(tmp_path, RAMAL_HTTP_PORT=str(port))))
    assert status == 1
    assert f"127.0.0.1:{port}" in said
    assert "Traceback" not in said


def test_X12_a_damaged_database_is_said_with_its_name_and_what_to_do(tmp_path: Path) -> None:
    damaged = tmp_path / "ramal.db"
    damaged.write_bytes(b"no database at all\n" * 1000)
    status, said = last_words(start(environment(tmp_path, RAMAL_DATABASE=str(damaged))))
    assert status == 1
    assert f"{damaged} cannot be used: file is not a database" in said
    assert "ramal restore" in said
    assert "Traceback" not in said
    assert damaged.read_bytes().startswith(b"no database")


def test_X11_pbx_not_there_at_start_is_not_ready_and_says_so_and_the_end_is_orderly(tmp_path: Path) -> None:
    settings = environment(tmp_path)
    process = start(settings)
    try:
        root = f"http://127.0.0.1:{settings['RAMAL_HTTP_PORT']}"
        wanted = {"pbx": False, "database": True, "flows": True}
        until(
            lambda: {check["name"]: check["ok"] for check in await_health(root)["checks"]} == wanted,
            what="the PBX alone is missing",
        )
        assert await_health(root)["ready"] is False
    finally:
        process.terminate()
        status, said = last_words(process)
    assert status == 0, said
    assert "Traceback" not in said


def test_X7_wrong_ari_password_is_said_once_and_nothing_is_served(tmp_path: Path, centre: Centre) -> None:
    ari = f"http://127.0.0.1:{centre.plan.ports.http}"
    settings = environment(tmp_path, RAMAL_ARI_URL=ari, RAMAL_APP="other")
    log = tmp_path / "log"
    with log.open("w") as sink:
        argv = [sys.executable, "-m", "ari_app", "serve"]
        process = subprocess.Popen(argv, env=settings, stdout=sink, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while "pbx.unauthorized" not in log.read_text(encoding="utf-8"):
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        answer = await_health(f"http://127.0.0.1:{settings['RAMAL_HTTP_PORT']}")
        assert answer["ready"] is False
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
    assert "wrong ARI user or password" in log.read_text(encoding="utf-8")


def await_health(root: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
    """What `/ready` says once the server is up and the PBX has been tried."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{root}/ready", timeout=2).close()
        except urllib.error.HTTPError as error:
            return dict(json.loads(error.read()))
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the application does not serve HTTP")


def test_X2_a_second_application_in_one_folder_is_refused_and_takes_nothing(
    centre: Centre, tmp_path: Path
) -> None:
    assert centre.application is not None
    settings = environment(tmp_path) | centre.plan.environment() | {"RAMAL_HTTP_PORT": str(free_port())}
    status, said = last_words(start(settings))
    assert status == ALREADY_SERVED
    assert f"process {centre.application.pid} serves from" in said
    assert "Traceback" not in said
    until(lambda: centre.api.not_ready() is None, what="the first one serves")


def test_X2_an_application_that_was_replaced_ends_for_good_and_says_why(
    centre: Centre, tmp_path: Path
) -> None:
    base = environment(tmp_path) | centre.plan.environment() | {"RAMAL_APP": "twin"}
    twins = []
    for name in ("first", "second"):
        own = {"RAMAL_STATE": str(tmp_path / name), "RAMAL_HTTP_PORT": str(free_port())}
        own |= {"RAMAL_AGI_PORT": str(free_port()), "RAMAL_DATABASE": "", "RAMAL_RECORDINGS": ""}
        twins.append(start(base | own))
        await_ready(f"http://127.0.0.1:{own['RAMAL_HTTP_PORT']}")
    first, second = twins
    try:
        status, said = last_words(first)
        assert status == REPLACED
        assert "another application connected to the PBX as twin" in said
        assert "Traceback" not in said
        assert second.poll() is None
    finally:
        second.terminate()
        second.communicate(timeout=PATIENCE_S)


def await_ready(root: str, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{root}/ready", timeout=2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{root} is not ready")
