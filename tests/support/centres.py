"""Call centres of tests: with copies of the shipped flows, which tests may change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo import plan as plans
from demo.centre import Centre


@contextmanager
def running(
    state: Path,
    base: str,
    *,
    site: Callable[[str], str],
    settings: Callable[[plans.Plan], dict[str, str]] | None = None,
) -> Iterator[Centre]:
    """PBX, telephone network and application.

    `site` changes the text of the site file, `settings` the application's settings.
    """
    plan = plans.make({"RAMAL_STATE": str(state), "RAMAL_PORT_BASE": base})
    made = Centre(dataclasses.replace(plan, own_flows=True))
    made.extra = settings(plan) if settings is not None else {}
    shipped = [
        file
        for file in (plans.REPOSITORY / "callflows").glob("*.yaml")
        if not file.name.endswith(".scenarios.yaml")
    ]
    texts = {file.stem: file.read_text(encoding="utf-8") for file in shipped}
    texts["site"] = site(texts["site"])
    made.plan.flows.mkdir()
    for name, text in texts.items():
        (made.plan.flows / f"{name}.yaml").write_text(text, encoding="utf-8")
    try:
        made.prepare()
        made.start_pbx()
        made.start_telco()
        made.start_application()
        made.await_ready()
        yield made
    finally:
        made.stop()
