"""`make demo`: set up, start, place one real call, then stay up for real softphones until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from ari_app.app.serve import ALREADY_SERVED, REPLACED
from demo import plan as plans
from demo.centre import Centre, CentreError
from demo.crew import hire, seat_robots
from demo.plan import ENCRYPTED
from demo.showcase import judge, place_call
from pbx import PbxError
from pbx.instance import CODES

WATCH_S = 0.2


def main() -> int:
    """Exit status 0 when all went well; with DEMO_ONCE set, only if the call was served in full."""
    began = time.monotonic()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        centre = Centre(plans.make(os.environ))
    except (PbxError, ValueError) as error:
        print(f"The demo cannot start: {error}", file=sys.stderr)
        return 1
    try:
        operators = _start(centre)
        print(
            f"The call centre is up after {time.monotonic() - began:.1f} s. One call to number 5000, digit 2:"
        )
        record = place_call(centre, _voice(centre))
        wrong = judge(centre, record)
        for fault in wrong:
            print(f"  WRONG: {fault}")
        if not wrong:
            print(
                "  The call was answered, routed, bridged, recorded with sound on both channels, cleaned up."
            )
        if os.environ.get("DEMO_ONCE"):
            return 1 if wrong else 0
        _invite(centre, operators)
        _watch(centre, operators, stop)
    except (PbxError, CentreError, OSError, TimeoutError) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    finally:
        (centre.plan.state / "demo.json").unlink(missing_ok=True)
        centre.stop()
    return 0


def _start(centre: Centre) -> list[dict[str, Any]]:
    centre.prepare()
    centre.start_pbx()
    centre.start_telco()
    centre.start_application()
    centre.await_ready()
    operators = hire(centre.api, centre.plan.state / "demo-operators.json")
    if centre.telco is not None:
        seat_robots(centre.api, centre.telco, operators, centre.plan.sounds)
    describe(centre, operators)
    return operators


def _voice(centre: Centre) -> str:
    """What the demo's caller says."""
    spoken = centre.plan.sounds / "pt-BR" / "demo" / "caller"
    return f"file:{spoken}" if spoken.with_suffix(".wav").exists() else "tone:440"


def describe(centre: Centre, operators: list[dict[str, Any]]) -> None:
    """Write demo.json (see the contract in docs/demo.md), whole or not at all."""
    plan = centre.plan
    pids = {
        "application": centre.application.pid if centre.application else 0,
        "pbx": centre.pbx.pid if centre.pbx else 0,
    }
    content = {
        "console": plan.console_url,
        "api": plan.api,
        "token": plan.token,
        "admin": {"username": "admin", "password": plan.admin_password},
        "sip": {
            "host": plan.bind,
            "port": plan.ports.sip,
            "transport": "udp",
            "tls_port": plan.ports.sips,
            "wss": f"wss://{plan.bind}:{plan.ports.https}/ws",
        },
        "operators": operators,
        "callers": [{"user": user, "password": key} for user, key in sorted(plan.keys.callers.items())],
        "numbers": {"main": "5000", "echo": "600"},
        "codes": dict(CODES),
        "pids": pids,
        "recordings": str(plan.recordings),
        "pbx_mode": centre.backend.mode,
    }
    path = plan.state / "demo.json"
    part = path.with_suffix(".part")
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(content, file, indent=2)
    part.replace(path)


INVITATION = """
Ramal is up, for trying out on {bind}: SIP, sound and HTTP are not encrypted, except for 1007.

  An operator's softphone   user {operator}   password {operator_password}   {bind}:{sip} UDP
                            dial *11 to sign in, *12 out, *13 pause, *14 ready, 600 for an echo
  The same, encrypted       user 1007   password {encrypted_password}   {bind}:{sips} TLS, SRTP (SDES)
  A caller's softphone      user {caller}   password {caller_password}   dial 5000
  Console                   {console}   user admin   password {admin_password}
  Everything else           {demo_json}

Three things to try:
  1. Call 5000 and press 7, a wrong digit: the menu says so and asks again.
  2. Edit callflows/main.yaml (swap two keys, say): the next call follows; a broken edit is refused.
  3. Kill the application during a talk (kill -9 {application}): you go on talking, it is back in a second.

Ctrl-C ends it.
"""


def _invite(centre: Centre, operators: list[dict[str, Any]]) -> None:
    plan = centre.plan
    caller, caller_password = min(plan.keys.callers.items())
    invitation = INVITATION.format(
        bind=plan.bind,
        operator=operators[0]["extension"],
        operator_password=operators[0]["password"],
        sip=plan.ports.sip,
        sips=plan.ports.sips,
        encrypted_password=next(o["password"] for o in operators if o["extension"] == ENCRYPTED),
        caller=caller,
        caller_password=caller_password,
        console=plan.console_url,
        admin_password=plan.admin_password,
        demo_json=plan.state / "demo.json",
        application=centre.application.pid if centre.application else 0,
    )
    print(invitation, flush=True)


def _watch(centre: Centre, operators: list[dict[str, Any]], stop: threading.Event) -> None:
    """Restart what dies, within a second, and say so."""
    while not stop.wait(WATCH_S):
        if centre.pbx is not None and not centre.pbx.is_alive():
            print("The PBX died; starting it again.", flush=True)
            centre.start_pbx()
            describe(centre, operators)
        if centre.application is not None and centre.application.poll() in {ALREADY_SERVED, REPLACED}:
            raise CentreError(f"another application has taken over:\n{centre.last_words(1)}")
        if centre.application is not None and centre.application.poll() is not None:
            print(f"The application ended ({centre.application.returncode}); starting it again.", flush=True)
            centre.start_application()
            describe(centre, operators)


if __name__ == "__main__":
    sys.exit(main())
