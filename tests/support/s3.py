"""A real S3 server on a loopback port (moto's server mode), with one bucket."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

BUCKET = "recordings"


@contextmanager
def s3_server(port: int) -> Iterator[Mapping[str, str]]:
    """Gives the options of a store on it."""
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{port}"
    try:
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")).close()
        yield options(port)
    finally:
        server.stop()


def options(port: int) -> Mapping[str, str]:
    """How the application is told of it."""
    return {
        "endpoint": f"http://127.0.0.1:{port}",
        "region": "us-east-1",
        "access_key_id": "key",
        "secret_access_key": "secret",
    }
