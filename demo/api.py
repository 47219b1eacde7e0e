"""The application's HTTP API as the demo and the tests call it: blocking, with deadlines."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

from pbx.patience import PATIENCE_S


class ApiError(Exception):
    """An answer that is no success; `status` and the problem's text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


class Api:
    """Bearer token on every request; JSON in and out."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base
        self._root = base.removesuffix("/api/v1")
        self._token = token

    def not_ready(self) -> str | None:
        """What `/ready` says is missing; None: callers can be served."""
        try:
            with urllib.request.urlopen(f"{self._root}/ready", timeout=2):  # noqa: S310 - ours
                return None
        except urllib.error.HTTPError as error:
            return error.read().decode(errors="replace")
        except OSError as error:
            return str(error)

    def raw(self, method: str, path: str, body: object = None) -> bytes:
        """The answer's bytes. Raises `ApiError`."""
        return self._send(
            method, path, None if body is None else json.dumps(body).encode(), "application/json"
        )

    def upload(self, path: str, data: bytes, media_type: str) -> Any:
        """Post a file."""
        return json.loads(self._send("POST", path, data, media_type))

    def _send(self, method: str, path: str, data: bytes | None, media_type: str) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": media_type}
        request = urllib.request.Request(self._base + path, data, headers, method=method)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - ours
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, error.read().decode(errors="replace")) from error

    def get(self, path: str) -> Any:
        return json.loads(self.raw("GET", path))

    def post(self, path: str, body: object = None) -> Any:
        return json.loads(self.raw("POST", path, body if body is not None else {}) or b"null")

    def put(self, path: str, body: object) -> Any:
        return json.loads(self.raw("PUT", path, body) or b"null")

    def patch(self, path: str, body: object) -> Any:
        return json.loads(self.raw("PATCH", path, body) or b"null")

    def delete(self, path: str) -> None:
        self.raw("DELETE", path)

    def wait(self, path: str, wanted: Any, timeout_s: float = PATIENCE_S) -> Any:
        """Ask until `wanted(answer)` is true. Raises `TimeoutError` with the last answer."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                answer = self.get(path)
            except (ApiError, OSError) as error:
                answer = error
            if not isinstance(answer, Exception) and wanted(answer):
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path}: not as wanted after {timeout_s:g} s, last answer: {answer}")
            time.sleep(0.05)
