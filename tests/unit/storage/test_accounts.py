"""Operators, users, tokens, sessions, audit: what is kept, and how secrets are kept."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from ari_app.model.account import AuditEntry, User
from ari_app.model.ids import ClientId, OperatorId, QueueId, SkillId
from ari_app.model.operator import KnownState, Operator, OperatorState
from ari_app.ports import AlreadyExists, NotFound, OperatorSecrets
from ari_app.storage.accounts import SessionStore, TokenStore, UserStore
from ari_app.storage.audit import AuditLog
from ari_app.storage.database import Database
from ari_app.storage.operators import OperatorStore
from ari_app.storage.secrets import Passwords, SecretBox, WrongKeyError, totp, totp_step

ACME, BETA = ClientId("acme"), ClientId("beta")
SECRETS = OperatorSecrets("phone password of 1005", "console password of 1005", "4711")
ANA = Operator(OperatorId("1005"), "Ana", {SkillId("support"): 3}, (QueueId("support"),), ACME, "en", 7.5)


def operator_store(database: Database, key: bytes = b"k" * 32) -> OperatorStore:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return OperatorStore(database, SecretBox(key), quick)


async def everything_stored(database: Database, table: str) -> str:
    async with database.engine.connect() as connection:
        return str((await connection.execute(text(f"SELECT * FROM {table}"))).all())


async def test_X7_operators_keep_no_secret_in_clear(database: Database) -> None:
    store = operator_store(database)
    await store.insert(ANA, SECRETS)
    assert await store.all() == [ANA]
    assert await store.phone_passwords() == {"1005": SECRETS.phone_password}
    stored = await everything_stored(database, "operators")
    for secret in (SECRETS.phone_password, SECRETS.console_password):
        assert secret not in stored
    assert "$argon2id$" in stored
    with pytest.raises(WrongKeyError, match="1005"):
        await operator_store(database, b"x" * 32).phone_passwords()


async def test_operators_are_changed_rotated_and_removed(database: Database) -> None:
    store = operator_store(database)
    await store.insert(ANA, SECRETS)
    with pytest.raises(AlreadyExists):
        await store.insert(ANA, SECRETS)
    changed = Operator(ANA.id, "Ana Maria", {}, None, ACME, enabled=True)
    await store.replace(changed)
    assert await store.all() == [changed]
    assert await store.verify_console_password(ANA.id, SECRETS.console_password) == changed
    await store.replace_secrets(ANA.id, OperatorSecrets("new phone", "new console", "1234"))
    assert await store.verify_console_password(ANA.id, SECRETS.console_password) is None
    assert await store.verify_pin(ANA.id, "1234")
    await store.replace(Operator(ANA.id, "Ana", {}, None, ACME, enabled=False))
    assert not await store.verify_pin(ANA.id, "1234")
    assert await store.phone_passwords() == {}
    await store.delete(ANA.id)
    assert await store.all() == []
    with pytest.raises(NotFound):
        await store.delete(ANA.id)
    with pytest.raises(NotFound):
        await store.replace(ANA)


async def test_states_are_known_after_a_restart(database: Database) -> None:
    store = operator_store(database)
    paused = KnownState(OperatorState.PAUSED, "lunch", 12.5, clocked_in=True)
    await store.put_states(ACME, {ANA.id: KnownState(OperatorState.AVAILABLE, "", 1.0, clocked_in=False)})
    await store.put_states(ACME, {ANA.id: paused})
    assert await store.states() == {"1005": paused}


async def test_tokens_are_found_by_hash_only(database: Database) -> None:
    store = TokenStore(database)
    token, clear = await store.issue("erp", "auditor", now=1.0, client=ACME, expires_at=100.0)
    assert len(clear) >= 40
    assert clear not in await everything_stored(database, "api_tokens")
    assert await store.find(clear, now=99.0) == token
    assert await store.find(clear, now=100.0) is None
    assert await store.find(clear[:-1], now=1.0) is None
    with pytest.raises(NotFound):
        await store.revoke(token.id, BETA)
    await store.revoke(token.id, ACME)
    assert await store.find(clear, now=1.0) is None


async def test_a_token_given_by_the_set_up_can_be_given_again(database: Database) -> None:
    store = TokenStore(database)
    for _ in range(2):
        await store.issue("set-up", "admin", now=1.0, token="t" * 43)
    assert [token.name for token in (await store.page()).items] == ["set-up"]


async def test_sessions_end_with_time_and_with_the_user(database: Database) -> None:
    users = UserStore(database, SecretBox(b"k" * 32), Passwords(PasswordHasher(1, 8, 1)))
    sessions = SessionStore(database)
    ana = User("ana", "admin")
    await users.insert(ana, "a long password", now=1.0)
    cookie, session = await sessions.open(ana, None, now=1.0, lasts_s=100.0)
    assert cookie not in await everything_stored(database, "sessions")
    assert await sessions.find(cookie, now=100.0) == session
    assert await sessions.find(cookie, now=101.0) is None
    await users.change("ana", password="another password")
    assert await sessions.find(cookie, now=2.0) is None
    assert await users.verify("ana", "a long password", None, now=1.0) is None
    assert await users.verify("ana", "another password", None, now=1.0) == ana


async def test_an_operators_sessions_end_with_the_secrets_and_with_the_operator(database: Database) -> None:
    store, sessions, tokens = operator_store(database), SessionStore(database), TokenStore(database)
    await store.insert(ANA, SECRETS)
    who = User("1005", "operator", ACME)

    async def signed_in() -> str:
        return (await sessions.open(who, ANA.id, now=1.0, lasts_s=100.0))[0]

    cookie = await signed_in()
    await store.replace(ANA)
    assert await sessions.find(cookie, now=2.0) is not None
    await store.replace_secrets(ANA.id, SECRETS)
    assert await sessions.find(cookie, now=2.0) is None
    cookie = await signed_in()
    _, token = await tokens.issue("phone app", "operator", now=1.0, operator=ANA.id)
    await store.delete(ANA.id)
    assert await sessions.find(cookie, now=2.0) is None
    assert await tokens.find(token, now=2.0) is None


async def test_X7_the_audit_log_shows_change_and_removal(database: Database) -> None:
    log = AuditLog(database)
    for n in range(5):
        detail = {"n": n, "ção": "☎"}
        await log.append(AuditEntry(float(n), "ana", "admin", "::1", "act", str(n), 200, detail, ACME))
    assert await log.first_broken() is None
    rows = await log.entries(limit=2)
    assert [row.entry.target for row in rows] == ["4", "3"]
    assert [row.entry.target for row in await log.entries(before=rows[-1].seq)] == ["2", "1", "0"]
    assert await log.entries(client=BETA) == []
    async with database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM audit WHERE target = '2'"))
    assert await log.first_broken() == rows[-1].seq


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_totp_gives_the_codes_of_rfc_6238(at: int, code: str) -> None:
    assert totp(b"12345678901234567890", at // 30, 8) == code


def test_totp_allows_a_step_of_drift_and_each_code_once() -> None:
    secret = b"s" * 20
    now = 1_700_000_000.0
    step = int(now) // 30
    assert totp_step(secret, totp(secret, step), now, 0) == step
    assert totp_step(secret, totp(secret, step - 1), now, 0) == step - 1
    assert totp_step(secret, totp(secret, step + 1), now, 0) == step + 1
    assert totp_step(secret, totp(secret, step - 2), now, 0) is None
    assert totp_step(secret, totp(secret, step), now, step) is None
    assert totp_step(secret, "", now, 0) is None
    assert totp_step(secret, "\uff11" * 6, now, 0) is None


@pytest.mark.parametrize("set_by_s", [7200.0, -7200.0])
async def test_X2_codes_go_by_the_wall_clock_too_and_whatever_it_was_nobody_is_locked_out(
    database: Database, set_by_s: float
) -> None:
    """Somebody sets the wall clock by hours: whichever of it and the time of records is true, a code fits."""
    now, off_by_s = 1_700_000_000.0, 0.0
    passwords = Passwords(PasswordHasher(1, 8, 1))
    users = UserStore(database, SecretBox(b"k" * 32), passwords, lambda: now + off_by_s)
    secret = b"s" * 20
    await users.insert(User("ana", "admin"), "a long password", now=now)

    async def signs_in(phone: float) -> bool:
        return (
            await users.verify("ana", "a long password", totp(secret, int(phone) // 30), now=now) is not None
        )

    assert await users.start_second_factor("ana", secret, totp(secret, int(now) // 30), now=now)
    assert not await signs_in(now)  # used
    now += 60
    assert await signs_in(now)
    assert not await signs_in(now + set_by_s)
    off_by_s = set_by_s
    now += 60
    for phone in (now + set_by_s, now):
        assert await signs_in(phone)
        assert not await signs_in(phone)
    off_by_s = 0.0
    now += 60
    assert await signs_in(now)
    assert not await signs_in(now)
    assert not await signs_in(now + set_by_s)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        SecretBox(b"12345678")
