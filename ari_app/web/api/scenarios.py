"""`/flows/{id}/scenarios`: a flow's scenarios, and how they go with a draft, in virtual time (C5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ari_app.ports import ScenarioOffice
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import STAFF, Ask, Route

_MOST = 200_000
_LIMIT = 8 * _MOST
ScenarioText = Annotated[str, Meta(max_length=_MOST)]


class ScenariosOut(msgspec.Struct, frozen=True):
    """The text of the file beside the flow; empty: there is none."""

    text: str


class ScenarioRunIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`source`: a draft of the flow, else the live one; `scenarios`: their text, else the file beside it."""

    source: ScenarioText | None = None
    scenarios: ScenarioText | None = None


class ScenarioFailed(msgspec.Struct, frozen=True):
    """The step that did not come true, and the end of the call's way."""

    line: int
    message: str
    way: list[str]


class ScenarioResult(msgspec.Struct, frozen=True):
    """How one went; `took_s` is virtual time."""

    name: str
    line: int
    took_s: float
    failure: ScenarioFailed | None


class ScenarioRunOut(msgspec.Struct, frozen=True):
    """All of them; `coverage` in per cent of nodes and exits, `untested` nodes."""

    results: list[ScenarioResult]
    problems: list[dict[str, Any]]
    coverage: float | None
    untested: list[str]


@dataclass(frozen=True, slots=True)
class ScenariosApi:
    """Scenarios belong to the installation, as flows do. Nothing is called, nothing goes live."""

    office: ScenarioOffice

    def routes(self) -> list[Route]:
        path = "/flows/{id}/scenarios"
        return [
            Route("GET", path, self.text, "The scenarios beside a flow", STAFF, answer=ScenariosOut,
                  installation=True),
            Route("POST", f"{path}/run", self.run, "Run scenarios against a draft", STAFF,
                  body=ScenarioRunIn, answer=ScenarioRunOut, installation=True, limit_bytes=_LIMIT,
                  timeout_s=60.0, problems=(404,)),
        ]  # fmt: skip

    async def text(self, ask: Ask) -> ScenariosOut:
        return ScenariosOut(await self.office.text(_flow(ask)))

    async def run(self, ask: Ask) -> ScenarioRunOut:
        body: ScenarioRunIn = ask.body
        return msgspec.convert(await self.office.run(_flow(ask), body.source, body.scenarios), ScenarioRunOut)


def _flow(ask: Ask) -> str:
    """The flow's name, which becomes that of a file: no way leads out of the folder."""
    name = ask.path["id"]
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise HttpRefusal(404, "There is no such flow.")
    return name
