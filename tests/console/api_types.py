"""Write `console/openapi.json` anew, which the console's types are made of.

Run it with `python -m tests.console.api_types`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from ari_app.web.openapi import document
from ari_app.web.server import PREFIX, all_routes
from tests.api.house import open_house

SNAPSHOT = Path(__file__).resolve().parents[2] / "console" / "openapi.json"


async def renew() -> None:
    """What a served Ramal says of itself, as text."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder)) as house:
            told = json.loads(document(all_routes(house.resources), prefix=PREFIX, version="0"))
    SNAPSHOT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(renew())
