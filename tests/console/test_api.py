"""What the console was built for is what the server offers."""

from __future__ import annotations

import json

from ari_app.web.openapi import document
from ari_app.web.server import PREFIX, all_routes
from tests.console.served import REPOSITORY, Served


def test_X10_every_operation_the_console_knows_is_served(served: Served) -> None:
    known = json.loads((REPOSITORY / "console" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    now = json.loads(document(all_routes(served.house.resources), prefix=PREFIX, version="0"))["paths"]
    gone = [(path, method) for path in known for method in known[path] if method not in now.get(path, {})]
    assert gone == []
