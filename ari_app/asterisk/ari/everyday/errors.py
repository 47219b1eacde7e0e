"""How the everyday surface says that Asterisk would not: one exception, as ari-py has it."""

from __future__ import annotations

from dataclasses import dataclass

from ari_app.asterisk.ari.outcome import Conflict, Failure, Gone, Refused


@dataclass(frozen=True, slots=True)
class Response:
    """The part of a reply that ari-py code looks at: `error.response.status_code`."""

    status_code: int
    reason: str


class HTTPError(Exception):
    """A request failed; `failure` is the typed outcome, `response.status_code` 503 where there was none."""

    def __init__(self, what: str, failure: Failure) -> None:
        super().__init__(f"{what}: {failure}")
        self.failure = failure
        self.response = Response(_status(failure), failure.message)


def _status(failure: Failure) -> int:
    match failure:
        case Gone():
            return 404
        case Conflict():
            return 409
        case Refused(status=status):
            return status
        case _:
            return 503
