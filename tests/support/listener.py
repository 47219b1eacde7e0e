"""A webhook receiver in a thread, for tests without an event loop."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pbx.patience import PATIENCE_S

Event = dict[str, Any]


class Listener:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.got: list[Event] = []
        self.url = ""

    def wait(self, wanted: Callable[[Event], bool], timeout_s: float = PATIENCE_S) -> Event:
        """The first event that fits, as soon as it is there."""
        deadline = time.monotonic() + timeout_s
        while not (found := [event for event in list(self.got) if wanted(event)]):
            assert time.monotonic() < deadline, f"not told; told was {[e['type'] for e in self.got]}"
            time.sleep(0.05)
        return found[0]


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.got.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
