"""A running Ramal as commands ask it, found by `.ramal/demo.json` or `RAMAL_API` and `RAMAL_TOKEN`."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

TIMEOUT_S = 30.0


class RemoteError(Exception):
    """Ramal refused, or is not there; the text says what it said."""

    def __init__(self, status: int, text: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.errors = errors or []


class Remote:
    """`base` ends in `/api/v1`; `token` is sent as bearer."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base
        self._token = token

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; None for an empty one. Raises `RemoteError`."""
        data = None if body is None else json.dumps(body).encode()
        raw = self.raw(method, path, data, "application/json")
        return json.loads(raw) if raw else None

    def raw(self, method: str, path: str, data: bytes | None, content_type: str) -> bytes:
        """The answer's bytes. Raises `RemoteError`."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if data is not None:
            headers["Content-Type"] = content_type
        request = urllib.request.Request(self._base + path, data, headers, method=method)  # noqa: S310 - the admin's own
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the same
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise _refused(error) from error
        except OSError as error:
            raise RemoteError(0, f"nobody answers at {self._base}: {error}") from error


def _refused(error: urllib.error.HTTPError) -> RemoteError:
    text = error.read().decode("utf-8", "replace")
    try:
        problem = json.loads(text)
    except ValueError:
        return RemoteError(error.code, f"status {error.code}")
    return RemoteError(error.code, problem.get("detail") or problem.get("title", ""), problem.get("errors"))


def demo_of(file: Path) -> dict[str, Any]:
    """What a running demo says of itself. Raises `RemoteError`."""
    try:
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RemoteError(0, f"no running demo in {file}: {error}") from error
    return found


def connect(demo: Path) -> Remote:
    """The Ramal of `RAMAL_API` and `RAMAL_TOKEN`, else of the demo's file. Raises `RemoteError`."""
    base, token = os.environ.get("RAMAL_API"), os.environ.get("RAMAL_TOKEN")
    if base and token:
        return Remote(base, token)
    found = demo_of(demo)
    return Remote(found["api"], found["token"])
