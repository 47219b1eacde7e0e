"""What an operation needs of whoever carries its request: a socket, a shard of sockets, or HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from ari_app.asterisk.ari.link import DEADLINE_S
from ari_app.asterisk.ari.outcome import Failure, Ok, Outcome, ProtocolError

T = TypeVar("T")


class Requester(Protocol):
    """Carries one request to Asterisk; see `link.Link.request` for the meaning of all arguments."""

    async def request(
        self,
        method: str,
        uri: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Ok[str] | Failure:
        """Gives the reply's JSON text, or the failure."""
        ...

    def post(self, method: str, uri: str) -> bool:
        """Asks at once and waits for no answer, in order with later requests; False: it was not asked."""
        ...


def reader(kind: type[T]) -> Callable[[str], T]:
    """A decoder of replies of one kind, to be made once per operation."""
    return msgspec.json.Decoder(kind).decode


async def ask(
    to: Requester,
    read: Callable[[str], T],
    method: str,
    uri: str,
    *,
    query: Mapping[str, str] | None = None,
    body: object | None = None,
    deadline_s: float = DEADLINE_S,
) -> Outcome[T]:
    """One request whose reply is decoded by `read`; raises ProtocolError on a reply of another shape."""
    answer = await to.request(method, uri, query=query, body=body, deadline_s=deadline_s)
    if not isinstance(answer, Ok):
        return answer
    try:
        return Ok(read(answer.value))
    except msgspec.DecodeError as error:
        raise ProtocolError(f"{method} {uri}: {error}") from error


async def tell_soon(to: Requester, method: str, uri: str) -> Outcome[None]:
    """One request whose answer nobody waits for, where its carrier can do that; then it always seems well."""
    return Ok(None) if to.post(method, uri) else await tell(to, method, uri)


async def tell(
    to: Requester,
    method: str,
    uri: str,
    *,
    query: Mapping[str, str] | None = None,
    body: object | None = None,
    deadline_s: float = DEADLINE_S,
) -> Outcome[None]:
    """One request whose reply, if any, does not matter."""
    answer = await to.request(method, uri, query=query, body=body, deadline_s=deadline_s)
    return Ok(None) if isinstance(answer, Ok) else answer
