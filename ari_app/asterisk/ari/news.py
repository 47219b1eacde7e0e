"""What a connection tells its owner about itself, in one stream with the events and in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Connected:
    """Events flow from here on, filter and subscriptions are set: reconcile now.

    `number` is 1 for the first connection. Whatever happened before this instant was not reported and
    never will be: channels that entered meanwhile give no StasisStart. `problems` names what could not
    be set, such as a subscription to an endpoint that does not exist.
    """

    number: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Events stopped; the connection is being made again. Requests may go on by other sockets."""

    reason: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another process took the application's name. Requests have stopped and `run` returns."""

    app: str


@dataclass(frozen=True, slots=True)
class Unauthorized:
    """Asterisk refuses the user or password. Told once; tries go on slowly until it lets us in."""

    url: str
    status: int


News: TypeAlias = Connected | Disconnected | Replaced | Unauthorized
