"""ARI over plain HTTP: for what the socket cannot carry (recording files) and before one is open."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping

import aiohttp
import msgspec
from yarl import URL

from ari_app.asterisk.ari.frames import problem
from ari_app.asterisk.ari.link import DEADLINE_S
from ari_app.asterisk.ari.outcome import Failure, Ok, Outcome, Refused, Unavailable, from_status

LARGEST_BODY = 38_000
"""Bytes a body may have: Asterisk answers 413 above about 40 kB."""
_CHUNK = 64 * 1024


class Http:
    """HTTP requests to one Asterisk. Make it inside a running loop; `close` it at the end."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self.root = URL(base_url.rstrip("/") + "/ari/")
        self.session = aiohttp.ClientSession(
            headers={"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"},
            connector=aiohttp.TCPConnector(limit=32),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=DEADLINE_S),
            trust_env=False,
        )

    async def close(self) -> None:
        """Ends all requests and connections."""
        await self.session.close()

    def post(self, method: str, uri: str) -> bool:
        """Never: each request over HTTP waits for its answer."""
        del method, uri
        return False

    async def request(
        self,
        method: str,
        uri: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Ok[str] | Failure:
        """As `link.Link.request`, over HTTP: no order is kept between requests."""
        data = None if body is None else msgspec.json.encode(body)
        if data is not None and len(data) > LARGEST_BODY:
            return Refused(413, f"{method} {uri}: body of {len(data)} bytes, {LARGEST_BODY} allowed")
        headers = {} if data is None else {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(deadline_s),
                self.session.request(
                    method, self._url(uri), params=query, data=data, headers=headers, allow_redirects=False
                ) as response,
            ):
                return _settle(response.status, response.reason, await response.text())
        except (TimeoutError, aiohttp.ClientError, ConnectionError, UnicodeDecodeError) as error:
            return _failed(error, f"{method} {uri}")

    async def download(
        self, uri: str, write: Callable[[bytes], object], *, stall_s: float = DEADLINE_S
    ) -> Outcome[int]:
        """Streams a file to `write` and gives its length in bytes; `stall_s` bounds each wait for data.

        `write` runs on the event loop: give it a buffer or an ordinary local file.
        """
        length = 0
        try:
            async with asyncio.timeout(stall_s) as patience:
                async with self.session.get(self._url(uri), allow_redirects=False) as response:
                    if response.status != 200:
                        return _failure(response.status, response.reason, await response.text())
                    async for chunk in response.content.iter_chunked(_CHUNK):
                        write(chunk)
                        length += len(chunk)
                        patience.reschedule(asyncio.get_running_loop().time() + stall_s)
            return Ok(length)
        except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
            return _failed(error, f"GET {uri}")

    def _url(self, uri: str) -> URL:
        return URL(f"{self.root}{uri}", encoded=True)


def _settle(status: int, reason: str | None, text: str) -> Ok[str] | Failure:
    return Ok(text) if 200 <= status < 300 else _failure(status, reason, text)


def _failure(status: int, reason: str | None, text: str) -> Failure:
    return from_status(status, problem(reason or "", text))


def _failed(error: Exception, what: str) -> Unavailable:
    """Nothing was sent if the connection was never made; everything else is in doubt."""
    if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError):
        return Unavailable("timeout", in_doubt=True, message=what)
    unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return Unavailable(
        "disconnected", in_doubt=not unsent, message=f"{what}: {error or type(error).__name__}"
    )
