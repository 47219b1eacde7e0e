"""The one thing the benchmark asks of Asterisk itself: where a phone is."""

from __future__ import annotations

import base64
import http.client
import json
from urllib.parse import urlsplit

from pbx.instance import Secrets


class Ari:
    """Blocking, one connection kept open."""

    def __init__(self, url: str, keys: Secrets) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        login = base64.b64encode(f"{keys.ari_user}:{keys.ari_password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}

    def change_aor(self, name: str, fields: dict[str, str]) -> None:
        """Change attributes of an address-of-record. Raises `OSError` where Asterisk refuses."""
        attributes = [{"attribute": key, "value": value} for key, value in fields.items()]
        path = f"/ari/asterisk/config/dynamic/res_pjsip/aor/{name}"
        self._connection.request("PUT", path, json.dumps({"fields": attributes}), self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise OSError(f"Asterisk answers {answer.status} to a change of phone {name}: {text[:300]!r}")
