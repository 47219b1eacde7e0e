"""What the API reads and writes, as protocols: the store has the implementations, see `ari_app.storage`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from ari_app.model.account import ApiToken, AuditEntry, AuditRow, Role, Session, User
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId, ClientId, OperatorId, RecordingId
from ari_app.model.operator import Operator
from ari_app.model.recording import Recording
from ari_app.ports import CallFilter, Page, RecordingFilter, StoredFact


class Calls(Protocol):
    """Calls and their facts, read only."""

    async def calls(
        self, wanted: CallFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[CallRecord]: ...

    async def call(self, call: CallId) -> CallRecord | None: ...

    async def facts_of(
        self, call: CallId, *, after: int = 0, limit: int = 1000, kinds: Collection[str] | None = None
    ) -> list[StoredFact]: ...


class Facts(Protocol):
    """The outbox as a stream with a cursor."""

    async def facts_after(self, seq: int, *, limit: int = 500) -> list[StoredFact]: ...

    async def last_seq(self) -> int: ...


class Recordings(Protocol):
    """Recordings, read only."""

    async def recordings(
        self, wanted: RecordingFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Recording]: ...

    async def recording(self, recording: RecordingId) -> Recording | None: ...

    async def gaps(
        self,
        pending: Collection[CallId] = (),
        *,
        ended_before: float,
        client: ClientId | None = None,
        since: float = 0.0,
        limit: int = 500,
    ) -> list[CallRecord]: ...


class PeakStore(Protocol):
    """Waveforms."""

    async def peaks(self, ident: RecordingId) -> bytes | None: ...


class Withdrawals(Protocol):
    """Who deletes recordings for good."""

    async def delete(self, ident: RecordingId, *, why: str, by: str) -> None: ...

    async def delete_of_call(self, call: CallId, *, why: str, by: str) -> None: ...


class Tokens(Protocol):
    """API tokens."""

    async def issue(
        self,
        name: str,
        role: Role,
        *,
        now: float,
        client: ClientId | None = None,
        operator: OperatorId | None = None,
        expires_at: float | None = None,
    ) -> tuple[ApiToken, str]: ...

    async def find(self, clear: str, *, now: float) -> ApiToken | None: ...

    async def page(
        self, client: ClientId | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ApiToken]: ...

    async def revoke(self, ident: str, client: ClientId | None = None) -> None: ...


class Users(Protocol):
    """People of the console who are not operators."""

    async def insert(self, user: User, password: str, *, now: float) -> None: ...

    async def page(
        self, client: ClientId | None = None, *, after: str = "", limit: int = 50
    ) -> Page[User]: ...

    async def find(self, username: str) -> User | None: ...

    async def change(
        self,
        username: str,
        *,
        password: str | None = None,
        role: Role | None = None,
        enabled: bool | None = None,
    ) -> None: ...

    async def delete(self, username: str) -> None: ...

    async def verify(self, username: str, password: str, code: str | None, *, now: float) -> User | None: ...

    async def start_second_factor(self, username: str, secret: bytes, code: str, *, now: float) -> bool: ...

    async def end_second_factor(self, username: str) -> None: ...


class ConsolePasswords(Protocol):
    """Operators sign in to the console with extension and console password."""

    async def verify_console_password(self, operator: OperatorId, password: str) -> Operator | None: ...

    async def change_console_password(self, operator: OperatorId, password: str) -> None: ...


class Sessions(Protocol):
    """Signed-in browsers."""

    async def open(
        self, user: User, operator: OperatorId | None, *, now: float, lasts_s: float
    ) -> tuple[str, Session]: ...

    async def find(self, cookie: str, *, now: float) -> Session | None: ...

    async def close(self, cookie: str) -> None: ...


class Audit(Protocol):
    """The append-only record of acts."""

    async def append(self, entry: AuditEntry) -> None: ...

    async def entries(
        self,
        *,
        before: int | None = None,
        client: ClientId | None = None,
        target: str | None = None,
        limit: int = 100,
    ) -> list[AuditRow]: ...

    async def first_broken(self) -> int | None: ...
