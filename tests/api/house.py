"""A real server on a loopback port with a real SQLite file, and fakes for desk, floor and flow office."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from argon2 import PasswordHasher

from ari_app.calls.cases import CaseBook
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.site_desk import SiteDesk
from ari_app.campaigns.desk import StatusDesk
from ari_app.campaigns.lists.importing import Files, Importer
from ari_app.campaigns.lists.office import ImportOffice
from ari_app.campaigns.ports import Preview
from ari_app.clock import SystemClock
from ari_app.flow.forms import Field, Form
from ari_app.flow.site import QueueConfig, Site
from ari_app.model.account import Role
from ari_app.model.call import CallRecord
from ari_app.model.campaign import Campaign
from ari_app.model.ids import (
    AttemptId,
    CallbackId,
    CallId,
    ChannelId,
    ClientId,
    ImportId,
    OperatorId,
    QueueId,
    RecordingId,
    SkillId,
)
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.model.work import Callback
from ari_app.ports import IllegalTransition, NotFound, QueueView, SipBan
from ari_app.recordings.folder import FolderAudio
from ari_app.storage.accounts import SessionStore, TokenStore, UserStore
from ari_app.storage.archive import CallArchive
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.audit import AuditLog
from ari_app.storage.callbacks import CallbackStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database
from ari_app.storage.imports import ImportStore
from ari_app.storage.journal import SqlJournal, open_journal
from ari_app.storage.notices import NoticeStore
from ari_app.storage.operators import OperatorStore
from ari_app.storage.punches import PunchStore
from ari_app.storage.secrets import Passwords, SecretBox
from ari_app.storage.webhooks import WebhookStore
from ari_app.storage.work import WorkStore
from ari_app.web.api.accounts import AccountsApi
from ari_app.web.api.bans import BansApi
from ari_app.web.api.callbacks import CallbacksApi
from ari_app.web.api.calls import CallsApi
from ari_app.web.api.campaigns import CampaignsApi
from ari_app.web.api.cases import CasesApi
from ari_app.web.api.clock import ClockApi
from ari_app.web.api.contacts import ContactsApi
from ari_app.web.api.dialling import DiallingApi
from ari_app.web.api.directory import DirectoryApi
from ari_app.web.api.dnc import DncApi
from ari_app.web.api.flows import FlowsApi
from ari_app.web.api.forms import FormsApi
from ari_app.web.api.history import HistoryApi
from ari_app.web.api.live import LiveApi
from ari_app.web.api.notices import NoticesApi
from ari_app.web.api.operators import OperatorsApi
from ari_app.web.api.password import PasswordApi
from ari_app.web.api.phone import PhoneApi
from ari_app.web.api.phone_setup import PhoneSetupApi
from ari_app.web.api.previews import PreviewsApi
from ari_app.web.api.prompts import PromptsApi
from ari_app.web.api.queues import QueuesApi
from ari_app.web.api.rehearsals import RehearsalsApi
from ari_app.web.api.scenarios import ScenariosApi
from ari_app.web.api.session import Brakes, SessionApi
from ari_app.web.api.site import SiteApi
from ari_app.web.api.supervision import SupervisionApi
from ari_app.web.api.talks import TalksApi
from ari_app.web.api.timeclock import TimeClockApi
from ari_app.web.api.work import WorkApi
from ari_app.web.auth import Authenticator
from ari_app.web.feed import open_feed
from ari_app.web.metrics import Metrics
from ari_app.web.route import Resource
from ari_app.web.server import create_app, serving
from ari_app.webhooks import webhooks_api
from ari_app.webhooks.courier import Courier
from ari_app.webhooks.post import Poster
from tests.fakes.clock import HandClock
from tests.fakes.desk import (
    FakeDesk,
    FakeFloor,
    FakeOffice,
    FakePrompts,
    FakeReadiness,
    FakeRehearsals,
    FakeScenarios,
    FakeTalks,
    FakeWatches,
)
from tests.support.databases import sqlite_database
from tests.support.recordings import Kit

ACME = ClientId("acme")
BETA = ClientId("beta")


@dataclass
class Answer:
    """A response, read."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class House:
    """Everything a test needs to act and to look behind."""

    url: str
    http: aiohttp.ClientSession
    database: Database
    journal: SqlJournal
    clock: HandClock
    desk: FakeDesk
    floor: FakeFloor
    talks: FakeTalks
    office: FakeOffice
    prompts: FakePrompts
    readiness: FakeReadiness
    tokens: TokenStore
    users: UserStore
    sessions: SessionStore
    operators: OperatorStore
    audit: AuditLog
    metrics: Metrics
    resources: list[Resource]
    folder: Path
    kit: Kit
    courier: Courier

    async def token(self, role: Role, client: ClientId | None = None, operator: str | None = None) -> str:
        owner = None if operator is None else OperatorId(operator)
        issued = await self.tokens.issue(role, role, now=self.clock.now(), client=client, operator=owner)
        return issued[1]

    async def ask(
        self, method: str, path: str, token: str | None = None, *, root: bool = False, **options: Any
    ) -> Answer:
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = self.url + ("" if root else "/api/v1") + path
        async with self.http.request(method, url, headers=headers, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def given_call(self, ident: str, client: ClientId = ACME, **fields: Any) -> CallRecord:
        call = CallRecord(
            CallId(ident), ChannelId("ch"), "+5511988887777", "5000", 1_700_000_000.678, client=client
        )
        call = msgspec.structs.replace(call, **fields)
        self.journal.put_call(call, None)
        assert await self.journal.flush()
        return call

    async def given_recording(self, ident: str, call: str, client: ClientId = ACME) -> bytes:
        audio = b"RIFF" + bytes(range(256)) * 40
        (self.folder / f"{ident}.wav").write_bytes(audio)
        recording = Recording(
            RecordingId(ident),
            CallId(call),
            RecordingStatus.COMPLETE,
            1_700_000_001.0,
            client=client,
            file=f"{ident}.wav",
            duration_s=3.2,
            sha256="ab" * 32,
        )
        self.journal.put_recording(recording)
        assert await self.journal.flush()
        return audio

    def given_queue(self, ident: str, client: ClientId = ACME) -> None:
        calls = ({"id": "c1", "queued_at": 1.5},)
        needs = {SkillId("sales"): 2}
        view = QueueView(QueueId(ident), ident.title(), 1, 12.5, 2, 3, calls, needs=needs)
        self.floor.queues_of.setdefault(client, []).append(view)


SITE = Site(
    default_queue="support",
    forms={
        "visit": Form(
            name="Visit",
            opens="support",
            fields={
                "fault": Field(label="Fault", required=True),
                "kind": Field(label="Kind", type="choice", choices=("line", "modem")),
                "on": Field(label="Date", type="date"),
            },
        )
    },
    queues={"support": QueueConfig(name="Support", form="visit", form_required=True)},
)


MAIN_TEXT = """\
flow: main
language: pt-BR
start: line
nodes:
  line: {type: enqueue, queue: support, needs: {modem: 1}, on: {otherwise: end}}
"""
SITE_TEXT = """\
# who answers what
default_queue: support  # as a last resort
numbers:
  "5000": {flow: main}

skills: {modem: Modems, fibre: Fibre}
queues:
  # people with broken lines
  support:
    name: Support    # shown on the wallboard
    skills: {modem: 1}
  night:
    name: Night
    calendar: office
calendars:
  office:
    hours:
      mon: ["08:00-18:00"]
"""


class NoBans:
    """One address is banned, and freed by whoever may."""

    def bans(self) -> list[SipBan]:
        return [SipBan("192.0.2.7", 1_700_000_000.0, 1_700_000_600.0, "InvalidPassword")]

    async def lift(self, address: str) -> None:
        if address != "192.0.2.7":
            raise NotFound(f"address {address} is not banned")


def site_shelf(folder: Path) -> FlowShelf:
    """A folder of one flow and a site file, served."""
    flows = folder / "site"
    flows.mkdir()
    (flows / "main.yaml").write_text(MAIN_TEXT, "utf-8")
    (flows / "site.yaml").write_text(SITE_TEXT, "utf-8")
    (folder / "sounds" / "pt-BR").mkdir(parents=True)
    (folder / "sounds" / "pt-BR" / "prompts.yaml").write_text(
        "prompts:\n  queue/moved: Um momento.\n", "utf-8"
    )
    shelf = FlowShelf(flows, folder / "site-state", folder / "sounds", lambda: 1_700_000_000.0)
    shelf.load()
    return shelf


def campaigns_in(database: Database) -> Callable[[], Awaitable[list[Campaign]]]:
    """Those that may still dial."""
    return lambda: CampaignStore(database).with_status("draft", "running", "paused", "stopped")


async def not_waiting(ident: CallbackId) -> Callback:
    """No dispatcher here: nothing waits to be cancelled."""
    raise NotFound(f"callback {ident} is not waiting")


async def not_called_back(record: CallRecord) -> Callback:
    """No queue here calls anybody back."""
    raise IllegalTransition(f"queue {record.queue} does not call this number back")


def wrote(_: CallId) -> None:
    """No operator owes anything here."""


class FakePreviews:
    """Nobody is shown anybody."""

    def pending(self, operator: OperatorId) -> Preview | None:
        return None

    def accept(self, operator: OperatorId, attempt: AttemptId) -> Preview:
        raise NotFound(f"operator {operator} is not shown attempt {attempt}")

    def skip(self, operator: OperatorId, attempt: AttemptId, reason: str, again_s: float = 3600.0) -> Preview:
        raise NotFound(f"operator {operator} is not shown attempt {attempt}")


async def campaign_resources(
    stack: AsyncExitStack, database: Database, folder: Path, clock: HandClock
) -> list[Resource]:
    """Campaigns without a dialer; imports run here, not in a process of their own."""
    store, imports = CampaignStore(database), ImportStore(database)
    importer = Importer(imports, Files(folder / "imports"), clock)

    async def run(ident: ImportId) -> None:
        await importer.run(ident)

    office = ImportOffice(imports, folder / "imports", clock, run)
    running = asyncio.create_task(office.run())

    async def end() -> None:
        """Its last query is over before the database is closed under it: else neither ever ends."""
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    stack.push_async_callback(end)
    return [
        CampaignsApi(store, store, AttemptStore(database), StatusDesk(store, clock), office),
        ContactsApi(store, store, store, imports, office),
        DncApi(store),
    ]


@asynccontextmanager
async def open_house(
    tmp_path: Path, *, console: Path | None = None, tls: bool = False
) -> AsyncIterator[House]:
    """The whole server, as the product puts it together."""
    clock, metrics = HandClock(), Metrics()
    floor, office, readiness = FakeFloor(), FakeOffice(), FakeReadiness()
    talks, prompts = FakeTalks(), FakePrompts()
    folder = tmp_path / "recordings"
    folder.mkdir()
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    box = SecretBox(b"k" * 32)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(sqlite_database(tmp_path))
        journal = await stack.enter_async_context(open_journal(database, clock))
        kit = Kit(folder, database=database, journal=journal, clock=clock)
        archive, desk = CallArchive(database), FakeDesk(PunchStore(database))
        feed = await stack.enter_async_context(open_feed(archive))
        journal.on_commit(feed.wake)
        journal.on_facts(metrics.count)
        tokens, sessions = TokenStore(database), SessionStore(database)
        users, operators = UserStore(database, box, quick), OperatorStore(database, box, quick)
        poster = await stack.enter_async_context(Poster())
        webhooks = WebhookStore(database, box)
        courier = Courier(book=webhooks, facts=archive, post=poster.post, clock=clock)
        audit, cases = AuditLog(database), CaseBook(clock, journal.put_case)
        authenticator, brakes = Authenticator(tokens, sessions, clock), Brakes(clock.monotonic)
        resources: list[Resource] = [
            CallsApi(archive, floor),
            HistoryApi(archive, WorkStore(database)),
            TalksApi(archive, talks),
            SupervisionApi(FakeWatches(), desk),
            *kit.resources(archive),
            webhooks_api(webhooks, courier),
            OperatorsApi(desk),
            NoticesApi(desk, NoticeStore(database), journal),
            TimeClockApi(desk, desk.punches),
            BansApi(NoBans()),
            DiallingApi(desk, desk),
            ClockApi(SystemClock(), lambda: None, lambda: 0),
            QueuesApi(floor, floor, lambda: frozenset({"emergency/announcement"})),
            DirectoryApi(desk, floor),
            PhoneApi(("wss://pbx.example:8089",), ("stun:stun.example:3478", "turn:turn.example:3478"), "s3"),
            PhoneSetupApi(desk, desk.phone_passwords, lambda _operator: "tls", "pbx.example"),
            FlowsApi(office),
            SiteApi(
                SiteDesk(
                    site_shelf(tmp_path),
                    lambda: [view.operator for view in desk.views()],
                    campaigns_in(database),
                )
            ),
            RehearsalsApi(FakeRehearsals()),
            ScenariosApi(FakeScenarios()),
            PromptsApi(prompts),
            CallbacksApi(CallbackStore(database), not_waiting, archive.call, not_called_back),
            CasesApi(WorkStore(database), cases, archive),
            FormsApi(WorkStore(database), cases, archive, lambda: SITE, wrote),
            WorkApi(WorkStore(database), FolderAudio(folder), archive, desk),
            *await campaign_resources(stack, database, tmp_path, clock),
            PreviewsApi(desk, FakePreviews()),
            SessionApi(users, operators, sessions, authenticator, brakes, clock, tls),
            PasswordApi(users, operators, authenticator, brakes, clock),
            AccountsApi(users, tokens, audit, authenticator),
            LiveApi(feed, archive, desk, floor, authenticator, clock, lambda: journal.healthy, ping_s=0.2),
        ]
        metrics.watch(
            desk=desk,
            floor=floor,
            live_calls=lambda: {"waiting": 1},
            gauges={
                "ramal_journal_backlog": ("Entries not yet on disk", lambda: float(journal.backlog)),
                "ramal_recording_backlog": ("Being made whole", lambda: float(kit.recorder.backlog)),
                "ramal_recording_free_bytes": ("Free space for recordings", lambda: 1e9),
            },
        )
        app = create_app(
            resources=resources,
            authenticator=authenticator,
            audit=audit,
            clock=clock,
            readiness=readiness,
            metrics=metrics,
            console=console,
            tls=tls,
        )
        port = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        jar = aiohttp.CookieJar(unsafe=True)
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        yield House(
            f"http://127.0.0.1:{port}",
            http,
            database,
            journal,
            clock,
            desk,
            floor,
            talks,
            office,
            prompts,
            readiness,
            tokens,
            users,
            sessions,
            operators,
            audit,
            metrics,
            resources,
            folder,
            kit,
            courier,
        )
