"""From publishing a flow to the next call that it serves, on a real PBX: `python -m benchmarks.flows.live`.

Each round publishes over HTTP a draft of `main` that differs in one remark, dials 5000 by SIP as soon as the
answer is there, and asks which version the call entered. Writes RESULTS-LIVE.md beside.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from ari_app.softphone.sip import Account, Phone
from demo import plan as plans
from demo.centre import Centre

ROUNDS = 30


def main() -> None:
    with tempfile.TemporaryDirectory() as state:
        base = os.environ.get("RAMAL_PORT_BASE", "12000")
        plan = plans.make({"RAMAL_STATE": state, "RAMAL_PORT_BASE": base})
        centre = Centre(dataclasses.replace(plan, own_flows=True))
        shutil.copytree(plans.REPOSITORY / "callflows", centre.plan.flows)
        try:
            centre.prepare()
            centre.start_pbx()
            centre.start_application()
            centre.await_ready()
            rounds = [_round(centre, number) for number in range(ROUNDS)]
        finally:
            centre.stop()
    rows = [
        ("`POST /flows/main/publish` until its answer, from which on each call enters the new version", 0),
        ("INVITE of the next call until it is answered by the new version", 1),
        ("both: publish to next call", 2),
    ]
    lines = [
        f"| {name} | {statistics.median(of):.0f} ms | {max(of):.0f} ms |"
        for name, column in rows
        for of in [[each[column] for each in rounds]]
    ]
    head = "# From publishing a flow to the next call\n\n"
    head += f"`python -m benchmarks.flows.live`, {ROUNDS} rounds on a real PBX.\n\n"
    table = "\n".join(["| what | median | longest |", "|---|---|---|", *lines])
    (Path(__file__).parent / "RESULTS-LIVE.md").write_text(head + table + "\n", "utf-8")
    print(table)


def _round(centre: Centre, number: int) -> tuple[float, float, float]:
    """Milliseconds of publishing, of the call's set-up, of both."""
    plan = centre.plan
    draft = f"{(plan.flows / 'main.yaml').read_text('utf-8')}# {number}\n"
    account = Account("127.0.0.1", plan.ports.sip, "caller1", plan.keys.callers["caller1"])
    began = time.perf_counter()
    version = centre.api.post("/flows/main/publish", {"source": draft})["version"]
    published = time.perf_counter()
    answered = asyncio.run(_call(account))
    centre.api.wait(
        "/calls?limit=1",
        lambda page: (
            page["items"] and page["items"][0]["flow_version"] == version and page["items"][0]["final_state"]
        ),
    )
    return (published - began) * 1000, (answered - published) * 1000, (answered - began) * 1000


async def _call(account: Account) -> float:
    """When the call was answered."""
    phone = Phone(account, "5000")
    await phone.dial()
    answered = time.perf_counter()
    await asyncio.sleep(0.1)
    await phone.hang_up()
    return answered


if __name__ == "__main__":
    main()
