"""From facts to receivers: facts become deliveries in the store, deliveries are tried until they are taken.

    facts after the receiver's cursor → deliveries + new cursor, in one transaction → POST
      → 2xx: delivered · else: again later · after the last try: dead, for people to look at

Whatever dies between two arrows, the next start goes on: a delivery that was under way is sent again under
the same id. So each event is told at least once, and the receiver knows a second time by its id. The order is
not kept; `seq` tells it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Protocol

import msgspec
import structlog

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.recording import share_of
from ari_app.model.webhook import EVENTS, Delivery, Webhook
from ari_app.ports import Clock, StoredFact
from ari_app.web.views import call_out, rfc3339
from ari_app.webhooks.post import Answer

log = structlog.get_logger()

WHOLE_CALL = {"CallEnded", "ProtocolGiven"}
"""Facts that bring the call: its figures, and to whom a protocol number may be sent."""
BATCH = 500
POLL_S = 1.0
GATHER_S = 0.2
"""News is looked at this often at most: the store has better things to do."""
UNWATCHED_S = 5.0
"""Without receivers the store is asked this often, for those that another process wrote there."""
AGAIN_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 43_200.0)
"""After so many failures a delivery is dead: a receiver may be away for a day."""
LONGEST_WAIT_S = 3600.0
"""More patience than this is not granted to a receiver that asks for it."""
IN_FLIGHT = 4
"""To one receiver at once."""
WEARY = 4
"""Failures in a row after which a receiver is spared for a while."""
SPARED_S = 60.0
PRUNE_S = 3600.0
KEEP_DELIVERED_S = 3 * 86_400.0
KEEP_DEAD_S = 30 * 86_400.0


class Book(Protocol):
    """`storage.webhooks.WebhookStore`, as far as it is needed here."""

    added: int

    async def all(self) -> list[Webhook]: ...
    async def find(self, ident: str) -> Webhook | None: ...
    async def change(self, webhook: Webhook, *, resumed: bool = False) -> None: ...
    async def secret(self, ident: str) -> str | None: ...
    async def put(self, webhook: str, deliveries: Sequence[Delivery], cursor: int | None) -> None: ...
    async def due(self, now: float) -> set[str]: ...
    async def next_for(self, webhook: str, now: float, *, limit: int) -> list[Delivery]: ...
    async def mark(self, delivery: Delivery) -> None: ...
    async def counts(self) -> dict[str, int]: ...
    async def prune(self, *, delivered_before: float, dead_before: float) -> None: ...


class Facts(Protocol):
    """The stored facts and calls."""

    async def facts_after(
        self, seq: int, *, limit: int = 500, kinds: Collection[str] | None = None
    ) -> list[StoredFact]: ...
    async def last_seq(self) -> int: ...
    async def call(self, call: CallId) -> CallRecord | None: ...


UNTOLD = ("digits",)
"""Fields of a call that no receiver gets: what callers press may be a card's number."""
Post = Callable[[Webhook, Delivery, str, float], Awaitable[Answer]]


class Courier:
    """Run it with `run`; `wake` says that there is news."""

    def __init__(self, *, book: Book, facts: Facts, post: Post, clock: Clock) -> None:
        self._book = book
        self._facts = facts
        self._post = post
        self._clock = clock
        self._wake = asyncio.Event()
        self._failures: dict[str, int] = {}
        """Per receiver, in a row."""
        self._spared_until: dict[str, float] = {}
        self._busy: set[str] = set()
        self._pruned_at = 0.0
        self._nobody: tuple[int, float] | None = None
        """There was no receiver: at which count of added ones, and when (monotonic)."""
        self.counts: dict[str, int] = {}
        """Deliveries by state, as of a moment ago: for the metrics."""

    def wake(self) -> None:
        """Something was committed, or a delivery was asked for."""
        self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled; a store that is away is asked again."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    await self._round(tasks)
                except Exception as error:  # noqa: BLE001 - the store is away: facts and deliveries wait in it
                    log.warning("webhook.not_now", error=f"{type(error).__name__}: {error}"[:300])
                await asyncio.sleep(GATHER_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._wake.wait()
                self._wake.clear()

    async def _round(self, tasks: asyncio.TaskGroup) -> None:
        added, asked_at = self._book.added, self._clock.monotonic()
        if self._nobody is not None:
            before, last_asked_at = self._nobody
            if added == before and asked_at - last_asked_at < UNWATCHED_S:
                return
        webhooks = {one.id: one for one in await self._book.all()}
        self._nobody = None if webhooks else (added, asked_at)
        if not webhooks:
            self.counts = {}
            return
        await self.collect([one for one in webhooks.values() if one.enabled])
        now = self._clock.now()
        for ident in await self._book.due(now) & webhooks.keys() - self._busy:
            if webhooks[ident].enabled and self._spared_until.get(ident, 0.0) <= now:
                self._busy.add(ident)
                tasks.create_task(self._serve(ident), name=f"webhook {ident}")
        self.counts = await self._book.counts()
        if now - self._pruned_at > PRUNE_S:
            self._pruned_at = now
            await self._book.prune(delivered_before=now - KEEP_DELIVERED_S, dead_before=now - KEEP_DEAD_S)

    # --- from facts to deliveries -----------------------------------------------------------------------

    async def collect(self, webhooks: Sequence[Webhook]) -> None:
        """Look at all facts that these receivers have not come to."""
        last = await self._facts.last_seq()
        behind = [one for one in webhooks if one.cursor < last]
        cursor = min((one.cursor for one in behind), default=last)
        while cursor < last:
            facts = await self._facts.facts_after(cursor, limit=BATCH, kinds=EVENTS)
            cursor = facts[-1].seq if len(facts) == BATCH else max(last, *(fact.seq for fact in facts), 0)
            for webhook in behind:
                wanted = [
                    await self._delivery(webhook, fact)
                    for fact in facts
                    if fact.seq > webhook.cursor and webhook.wants(EVENTS[fact.kind], fact.client)
                ]
                await self._book.put(webhook.id, wanted, cursor)

    async def _delivery(self, webhook: Webhook, fact: StoredFact) -> Delivery:
        event, now = EVENTS[fact.kind], self._clock.now()
        data: dict[str, Any] = {key: value for key, value in fact.body.items() if key != "fact"}
        data |= {"seq": fact.seq, "client": fact.client, "call_id": fact.call}
        if fact.kind in WHOLE_CALL and fact.call is not None:
            record = await self._facts.call(fact.call)
            data["call"] = _told_of(record) if record is not None else None
        return Delivery(
            id=f"msg_{webhook.id}_{fact.seq}",
            webhook=webhook.id,
            seq=fact.seq,
            event=event,
            body=body_of(event, fact.at, data),
            created_at=now,
            next_at=now,
            client=fact.client,
        )

    # --- from deliveries to receivers -------------------------------------------------------------------

    async def _serve(self, ident: str) -> None:
        """Send what is due to one receiver, a few at a time, while it takes them."""
        try:
            while self._spared_until.get(ident, 0.0) <= self._clock.now():
                webhook = await self._book.find(ident)
                if webhook is None or not webhook.enabled:
                    return
                due = await self._book.next_for(ident, self._clock.now(), limit=IN_FLIGHT)
                if not due:
                    return
                await asyncio.gather(*(self._try(webhook, delivery) for delivery in due))
        except Exception as error:  # noqa: BLE001 - the store is away: the next round goes on
            log.warning("webhook.not_now", webhook=ident, error=f"{type(error).__name__}: {error}"[:300])
        finally:
            self._busy.discard(ident)

    async def _try(self, webhook: Webhook, delivery: Delivery) -> None:
        secret = await self._book.secret(webhook.id)
        if secret is None:
            return
        answer = await self._post(webhook, delivery, secret, self._clock.now())
        result = after(delivery, answer, self._clock.now())
        await self._book.mark(result)
        if answer.taken:
            self._failures.pop(webhook.id, None)
            self._spared_until.pop(webhook.id, None)
            return
        log.warning(
            "webhook.not_taken", webhook=webhook.id, told=delivery.event, status=answer.status,
            error=answer.error, attempts=result.attempts, state=result.state,
        )  # fmt: skip
        failures = self._failures[webhook.id] = self._failures.get(webhook.id, 0) + 1
        if failures >= WEARY:
            self._spared_until[webhook.id] = self._clock.now() + min(SPARED_S, failures)
        if answer.gone:
            await self._book.change(msgspec.structs.replace(webhook, enabled=False))
            log.error("webhook.disabled", webhook=webhook.id, reason="the receiver is gone (410)")


def _told_of(record: CallRecord) -> dict[str, Any]:
    """A call as receivers see it."""
    told: dict[str, Any] = msgspec.to_builtins(call_out(record))
    return {key: value for key, value in told.items() if key not in UNTOLD}


def after(delivery: Delivery, answer: Answer, now: float) -> Delivery:
    """What becomes of a delivery by how a try went. The spacing differs by id, so that a receiver that
    comes back is not met by all at once.
    """
    attempts = delivery.attempts + 1
    tried = msgspec.structs.replace(delivery, attempts=attempts, status=answer.status, error=answer.error)
    if answer.taken:
        return msgspec.structs.replace(tried, state="delivered")
    if answer.gone or attempts > len(AGAIN_S):
        return msgspec.structs.replace(tried, state="dead")
    wait_s = max(AGAIN_S[attempts - 1], min(answer.wait_s, LONGEST_WAIT_S))
    spread = 1.0 + share_of(f"{delivery.id} {attempts}") / 1000
    return msgspec.structs.replace(tried, next_at=now + wait_s * spread)


def body_of(event: str, at: float, data: dict[str, Any]) -> str:
    """The body of a webhook: type, timestamp, data."""
    return msgspec.json.encode({"type": event, "timestamp": rfc3339(at), "data": data}).decode()
