"""The operators as configured, with their secrets and last states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ari_app.model.ids import ClientId, OperatorId
from ari_app.model.operator import KnownState, Operator, OperatorState, Pending
from ari_app.ports import AlreadyExists, NotFound, OperatorSecrets
from ari_app.storage import schema
from ari_app.storage.bulk import Bulk
from ari_app.storage.database import Database
from ari_app.storage.rows import upsert
from ari_app.storage.secrets import Passwords, SecretBox

_O = schema.operators.c


class OperatorStore:
    """Operators in the database; secrets go in in clear and stay there only sealed or hashed."""

    def __init__(self, database: Database, box: SecretBox, passwords: Passwords) -> None:
        self._database = database
        self._engine = database.engine
        self._states = Bulk(upsert(schema.operator_states, database.dialect), database.dialect)
        self._box = box
        self._passwords = passwords

    async def all(self) -> list[Operator]:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(schema.operators).order_by(_O.id))).mappings().all()
        return [_operator_of(dict(row)) for row in rows]

    async def insert(self, operator: Operator, secrets: OperatorSecrets) -> None:
        """Raises `AlreadyExists`."""
        row = _row(operator) | await self._secret_columns(operator.id, secrets)
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(schema.operators).values(row))
        except IntegrityError as error:
            raise AlreadyExists(f"operator {operator.id} exists already") from error

    async def replace(self, operator: Operator) -> None:
        """New configuration, same secrets; ends the sessions of a disabled one. Raises `NotFound`."""
        await self._update(operator.id, _row(operator), end_sessions=not operator.enabled)

    async def replace_secrets(self, operator: OperatorId, secrets: OperatorSecrets) -> None:
        """New secrets; ends the console sessions of the old ones. Raises `NotFound`."""
        await self._update(operator, await self._secret_columns(operator, secrets), end_sessions=True)

    async def delete(self, operator: OperatorId) -> None:
        """Raises `NotFound`."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(delete(schema.operators).where(_O.id == operator))
            for table in (schema.operator_states, schema.sessions, schema.api_tokens):
                await connection.execute(delete(table).where(table.c.operator_id == operator))
        if not gone.rowcount:
            raise NotFound(f"operator {operator} does not exist")

    async def phone_passwords(self) -> dict[OperatorId, str]:
        """Every enabled operator's phone password: what the PBX is given. Raises `WrongKeyError`."""
        query = select(_O.id, _O.phone_secret).where(_O.enabled)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return {OperatorId(row.id): self._box.open(f"phone:{row.id}", row.phone_secret) for row in rows}

    async def verify_console_password(self, operator: OperatorId, password: str) -> Operator | None:
        """The operator, if enabled and the password fits; nobody and wrong take equally long."""
        return await self._verify(operator, "console_password_hash", password)

    async def change_console_password(self, operator: OperatorId, password: str) -> None:
        """The operator's own choice; ends all sessions. Raises `NotFound`."""
        columns = {"console_password_hash": await self._passwords.hash(password)}
        await self._update(operator, columns, end_sessions=True)

    async def verify_pin(self, operator: OperatorId, pin: str) -> bool:
        return await self._verify(operator, "pin_hash", pin) is not None

    async def states(self) -> dict[OperatorId, KnownState]:
        """The last written state of each operator."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(schema.operator_states))).mappings().all()
        return {
            OperatorId(row["operator_id"]): KnownState(
                OperatorState(row["state"]),
                row["reason"],
                row["since"],
                row["clocked_in"],
                None if row["pending"] is None else msgspec.json.decode(row["pending"], type=Pending),
                row["wrap_up_until"],
                row["owes"],
                row["phone"],
            )
            for row in rows
        }

    async def put_states(self, client: ClientId, states: Mapping[OperatorId, KnownState]) -> None:
        """Remember states over a restart."""
        rows = [
            {
                "operator_id": operator,
                "client_id": client,
                "state": known.state.value,
                "reason": known.reason,
                "since": known.since,
                "clocked_in": known.clocked_in,
                "pending": None if known.pending is None else msgspec.json.encode(known.pending).decode(),
                "wrap_up_until": known.wrap_up_until,
                "owes": known.owes,
                "phone": known.phone,
            }
            for operator, known in states.items()
        ]
        if rows:
            await self._database.in_transaction(lambda connection: self._states.run(connection, rows))

    async def _secret_columns(self, operator: OperatorId, secrets: OperatorSecrets) -> dict[str, Any]:
        return {
            "phone_secret": self._box.seal(f"phone:{operator}", secrets.phone_password),
            "console_password_hash": await self._passwords.hash(secrets.console_password),
            "pin_hash": await self._passwords.hash(secrets.pin),
        }

    async def _update(self, operator: OperatorId, columns: Mapping[str, Any], *, end_sessions: bool) -> None:
        sessions = schema.sessions
        async with self._engine.begin() as connection:
            if end_sessions:
                await connection.execute(delete(sessions).where(sessions.c.operator_id == operator))
            done = await connection.execute(update(schema.operators).where(_O.id == operator).values(columns))
        if not done.rowcount:
            raise NotFound(f"operator {operator} does not exist")

    async def _verify(self, operator: OperatorId, column: str, secret: str) -> Operator | None:
        query = select(schema.operators).where(_O.id == operator, _O.enabled)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        fits = await self._passwords.verify(row[column] if row else None, secret)
        return _operator_of(dict(row)) if fits and row else None


def _row(operator: Operator) -> dict[str, Any]:
    return {
        "id": operator.id,
        "client_id": operator.client,
        "name": operator.name,
        "skills": msgspec.json.encode(operator.skills).decode(),
        "queues": None if operator.queues is None else msgspec.json.encode(operator.queues).decode(),
        "language": operator.language,
        "wrap_up_s": operator.wrap_up_s,
        "enabled": operator.enabled,
        "leads": operator.leads,
        "auto_answer": operator.auto_answer,
        "confirm": operator.confirm,
    }


def _operator_of(row: Mapping[str, Any]) -> Operator:
    queues = row["queues"]
    return Operator(
        id=row["id"],
        name=row["name"],
        skills=msgspec.json.decode(row["skills"]),
        queues=None if queues is None else tuple(msgspec.json.decode(queues)),
        client=row["client_id"],
        language=row["language"],
        wrap_up_s=row["wrap_up_s"],
        enabled=row["enabled"],
        leads=row["leads"],
        auto_answer=row["auto_answer"],
        confirm=row["confirm"],
    )
