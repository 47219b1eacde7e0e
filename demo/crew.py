"""The demo's operators: four places for real softphones, two robots."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.api import Api, ApiError
from demo.plan import ENCRYPTED
from pbx.telco import Telco
from pbx.telco_phones import Behaviour

CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Place:
    """An operator of the demo as configured."""

    extension: str
    name: str
    skills: dict[str, int]
    robot: bool = False
    says: str = ""


CREW = (
    Place("1001", "Ana Souza", {"support": 3, "sales": 3, "orders": 3, "english": 3}),
    Place("1002", "Bruno Lima", {"support": 3, "sales": 2, "orders": 2}),
    Place("1003", "Carla Dias", {"support": 3, "orders": 3, "english": 2}),
    Place("1004", "Davi Rocha", {"support": 3, "sales": 1}),
    Place(ENCRYPTED, "Elisa Prado", {"support": 3, "sales": 3, "orders": 3}),
    Place("1005", "Robot of sales", {"sales": 1, "orders": 1}, robot=True, says="demo/robot-sales"),
    Place(
        "1006",
        "Robot of support",
        {"support": 2, "orders": 1, "english": 1},
        robot=True,
        says="demo/robot-support",
    ),
)


def hire(api: Api, remembered: Path) -> list[dict[str, Any]]:
    """Create the operators that are missing; gives each with the passwords, which are told only once."""
    known: dict[str, Any] = json.loads(remembered.read_text(encoding="utf-8")) if remembered.exists() else {}
    for place in CREW:
        body = {"extension": place.extension, "name": place.name, "skills": place.skills, "wrap_up_s": 5}
        try:
            known[place.extension] = _secrets(api.post("/operators", body))
        except ApiError as error:
            if error.status != CONFLICT:
                raise
            if place.extension not in known:
                known[place.extension] = _secrets(api.post(f"/operators/{place.extension}/rotate"))
    part = remembered.with_suffix(".part")
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(known, file)
    part.replace(remembered)
    return [
        {
            "extension": place.extension,
            "name": place.name,
            **known[place.extension],
            "skills": place.skills,
            "robot": place.robot,
            "transport": "tls" if place.extension == ENCRYPTED else "udp",
        }
        for place in CREW
    ]


def _secrets(answer: dict[str, Any]) -> dict[str, str]:
    return {name: answer[name] for name in ("password", "console_password", "pin")}


def seat_robots(api: Api, telco: Telco, operators: list[dict[str, Any]], sounds: Path) -> None:
    """Register the robots' phones and sign them in."""
    for place in CREW:
        if not place.robot:
            continue
        password = next(o["password"] for o in operators if o["extension"] == place.extension)
        spoken = sounds / "pt-BR" / place.says
        says = (
            f"file:{spoken}"
            if spoken.with_suffix(".wav").exists()
            else f"tone:{600 + int(place.extension[-1]) * 50}"
        )
        telco.robot(place.extension, password, Behaviour(say=says, after_s=1.0))
        api.put(f"/operators/{place.extension}/state", {"state": "available"})
    for place in CREW:
        if place.robot:
            api.wait(f"/operators/{place.extension}", lambda operator: operator["state"] == "available")
