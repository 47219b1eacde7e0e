"""Everything a running application consists of, and how it starts and reconciles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from ari_app.app.campaigning import campaigns_of
from ari_app.app.importing import imports_of
from ari_app.app.recording_office import open_office
from ari_app.app.site_values import (
    callback_rules,
    open_gate,
    own_rules,
    pauses_of,
    policies_of,
    policy_of,
    queues_of,
    renewal,
)
from ari_app.app.state_folder import installation_key
from ari_app.app.surviving import surviving
from ari_app.asterisk.agi import AgiServer
from ari_app.asterisk.ami import Ami, AmiOperations, AmiSettings
from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.events import AnyEvent, decode
from ari_app.asterisk.ari.settings import Settings as AriSettings
from ari_app.asterisk.bans import SipGuard
from ari_app.asterisk.codes import Codes
from ari_app.asterisk.codes_pin import PinCodes
from ari_app.asterisk.codes_recording import RecordingCodes
from ari_app.asterisk.codes_talk import TalkCodes
from ari_app.asterisk.fallback import FallbackSync
from ari_app.asterisk.phones import AriPhones
from ari_app.asterisk.provisioning import Provisioning
from ari_app.asterisk.spool import PbxSpool
from ari_app.asterisk.tape import AmiTapeDeck
from ari_app.asterisk.telephony import AriTelephony
from ari_app.asterisk.telephony_events import CALL_EVENTS, WATCH_EVENTS
from ari_app.calls.callback_toll import CallbackToll
from ari_app.calls.callbacks import Callbacks
from ari_app.calls.cases import CaseBook
from ari_app.calls.catalogue import lengths_in
from ari_app.calls.exchange import Exchange
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.operator_calls import OperatorCalls
from ari_app.calls.prompt_desk import PromptDesk
from ari_app.calls.reconcile import Reconciler
from ari_app.calls.recording_desk import RecordingDesk
from ari_app.calls.rehearsal import Rehearsals
from ari_app.calls.rehearsal_office import RehearsalOffice
from ari_app.calls.resume import versions_of
from ari_app.calls.services import Answering, Services
from ari_app.calls.slots import Slots
from ari_app.calls.supervision import Supervision
from ari_app.calls.talk_desk import TalkDesk
from ari_app.clock import FOLLOW_S, SystemClock
from ari_app.config import Settings
from ari_app.dispatch.blending import Blending
from ari_app.dispatch.desk import Desk
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.floor import LiveFloor
from ari_app.dispatch.pins import Pins
from ari_app.dispatch.presence import Change, Presence
from ari_app.dispatch.queue_desk import QueueDesk
from ari_app.dispatch.timekeeper import keep_time
from ari_app.flow.demand import request_of
from ari_app.lookups import HttpLookups
from ari_app.model.call import CallRecord
from ari_app.model.commands import Sound
from ari_app.model.ids import DEFAULT_CLIENT, ClientId, FlowId, Language, OperatorId, QueueId
from ari_app.model.operator import OperatorState
from ari_app.model.recording import RecordingPolicy
from ari_app.model.telephony import PbxConnected, PbxLost, TelephonyEvent
from ari_app.model.work import Callback
from ari_app.ports import IllegalTransition
from ari_app.recordings.messages import Messages
from ari_app.recordings.prompts import PromptLibrary, Voice
from ari_app.routing.index import RoutingIndex
from ari_app.storage.archive import CallArchive
from ari_app.storage.audit import AuditLog
from ari_app.storage.callbacks import CallbackStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from ari_app.storage.operators import OperatorStore
from ari_app.storage.punches import PunchStore
from ari_app.storage.queue_states import QueueStates
from ari_app.storage.secrets import Passwords, SecretBox
from ari_app.storage.work import WorkStore

log = structlog.get_logger()

RECONCILE_AGAIN_S = 1.0
UNKNOWN_S = 30.0
"""How long a prompt may last of which nothing is known."""
SITE_S = 0.5


class Switchboard:
    """Everything a running application consists of, built but not yet started."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        journal: SqlJournal,
        shelf: FlowShelf,
        lookups: HttpLookups,
        clock: SystemClock,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.journal = journal
        self.database = database
        self.shelf = shelf
        self.lookups = lookups
        self.archive = CallArchive(database)
        self.passwords = Passwords()
        self.box = SecretBox(installation_key(settings.state))
        self.operators = OperatorStore(database, self.box, self.passwords)
        self.ari = self._connection(settings.app, CALL_EVENTS, settings.rest_sockets)
        watch = self._connection(f"{settings.app}-watch", WATCH_EVENTS, 1)
        self.lengths = lengths_in(settings.sounds_dir)
        self.ami = Ami(
            AmiSettings(
                settings.ami_host, settings.ami_port, settings.ami_user, settings.ami_secret, "security"
            ),
            on_news=lambda news: self.fallback.on_news(news),  # noqa: PLW0108 - made below,
            on_event=lambda event: self.guard.on_event(event),  # noqa: PLW0108 - made below
        )
        self.telephony = AriTelephony(
            self.ari,
            watch,
            AmiOperations(self.ami),
            sounds=settings.sounds,
            trunks=settings.trunks,
            now=clock.now,
        )
        self.exchange = Exchange()
        self.dispatcher = Dispatcher(
            index=RoutingIndex(policy_of(shelf.book.site), trace=settings.trace_routing),
            queues=queues_of(shelf.book.site),
            clock=self.clock,
            journal=journal,
            deliver=self.exchange.deliver,
            changed=self._operator_changed,
            pauses=pauses_of(shelf.book.site),
        )
        self.blending = Blending(self.dispatcher, self.clock)
        provisioning = Provisioning(self.ari.shard("phones"), AmiOperations(self.ami).contact_uris)
        self.phones = AriPhones(provisioning, settings.phone_kind, settings.phone_exceptions)
        pbx = self.ari.shard("phones").asterisk
        self.guard = SipGuard(
            write=lambda name, fields: pbx.put_config("res_pjsip", "acl", name, fields),
            delete=lambda name: pbx.delete_config("res_pjsip", "acl", name),
            phones=AmiOperations(self.ami).phone_addresses,
            clock=self.clock,
            file=settings.state / "sip-bans.json",
            never=settings.never_ban,
        )
        self.punches = PunchStore(database)
        self.desk = Desk(
            dispatcher=self.dispatcher,
            book=self.operators,
            punches=self.punches,
            phones=self.phones,
            telephony=self.telephony,
            journal=journal,
            clock=self.clock,
        )
        self.deck = AmiTapeDeck(AmiOperations(self.ami), str(settings.recordings))
        self.recording_desk = RecordingDesk(self.exchange)
        self.policies = policies_of(shelf.book.site)
        self.recordings = open_office(
            settings, database, journal, self.clock, self.archive, policies=lambda: self.policies
        )
        self.work = WorkStore(database)
        self.messages = Messages(
            settings.recordings,
            spool=PbxSpool(self.ari),
            items=self.work,
            journal=journal,
            clock=self.clock,
            live=lambda: set(self.exchange.sessions),
            default_queue=lambda: QueueId(shelf.book.site.default_queue),
        )
        self.cases = CaseBook(self.clock, journal.put_case)
        self.callback_book = CallbackStore(database)
        self.toll = open_gate(settings.state, shelf, clock)
        self._lists = CampaignStore(database)
        self.operator_calls = self._operator_calls()
        self.callbacks = Callbacks(
            book=self.callback_book,
            telephony=self.telephony,
            dispatcher=self.dispatcher,
            journal=journal,
            clock=self.clock,
            rules=lambda queue: callback_rules(shelf.book.site, queue),
            live=lambda call: call in self.exchange.sessions,
            toll=CallbackToll(self.toll, clock),
        )
        self.queue_desk = QueueDesk(self.dispatcher, QueueStates(database), journal, self.clock)
        self.campaigns, self.campaign_desk = campaigns_of(
            database=database,
            archive=self.archive,
            telephony=self.telephony,
            blending=self.blending,
            journal=journal,
            clock=self.clock,
            toll=self.toll,
            site=lambda: shelf.book.site,
            sessions=lambda: self.exchange.sessions,
            agrees=lambda: clock.trusted,
        )
        self.supervision = Supervision(
            telephony=self.telephony,
            dispatcher=self.dispatcher,
            sessions=self.exchange.sessions,
            journal=journal,
            clock=self.clock,
        )
        self.imports = imports_of(database, settings.database, settings.state / "imports", self.clock)
        self.rehearsals = Rehearsals(self.telephony, self.clock, settings.test_phones)
        self.rehearsal_office = RehearsalOffice(
            self.rehearsals, shelf, self.clock, lambda: self.dispatcher.operators
        )
        self.library = PromptLibrary(settings.prompts)
        self.prompt_desk = PromptDesk(
            self.library,
            Voice(settings.voice),
            shelf,
            self.rehearsal_office,
            PbxSpool(self.ari),
            self.clock,
            shelf.prompts,
            settings.sounds_dir,
            self.exchange.beside,
        )
        self.floor = LiveFloor(self.dispatcher, self.clock)
        self.fallback = FallbackSync(self._fallback_members)
        self.beside: dict[str, Callable[[], Awaitable[None]]] = {}
        """What else runs as long as the switchboard does, by name."""
        self.ready = False
        """Connected to the PBX and reconciled with it."""

    def _connection(self, app: str, events: tuple[str, ...], sockets: int) -> Connection[AnyEvent]:
        ari, user, password = self.settings.ari_url, self.settings.ari_user, self.settings.ari_password
        return Connection(
            AriSettings(ari, user, password, app=app, rest_sockets=sockets, events_allowed=events), decode
        )

    async def on_dnc(self, client: ClientId, number: str) -> bool:
        """Whether a do-not-call list holds the number. The store's errors raise."""
        return bool(await self._lists.on_dnc(client, [number]))

    def _operator_calls(self) -> OperatorCalls:
        return OperatorCalls(
            telephony=self.telephony,
            dispatcher=self.dispatcher,
            gate=self.toll,
            on_dnc=self.on_dnc,
            clock=self.clock,
            rules=lambda: own_rules(self.shelf.book.site),
            trunk=self.settings.trunks[0],
        )

    def _operator_changed(self, presence: Presence, change: Change) -> None:
        if not change.is_of_a_call:
            self.fallback.changed()
        self.campaigns.dialer.operator_changed(presence, change)

    def services(self) -> Services:
        """What the sessions work with."""
        return Services(
            telephony=self.telephony,
            dispatcher=self.dispatcher,
            journal=self.journal,
            clock=self.clock,
            book=lambda: self.shelf.book,
            flow_of=self._flow_of,
            recorder=self.recordings.recorder,
            deck=self.deck,
            recording_policy=self._policy,
            messages=self.messages,
            cases=self.cases,
            case_of=self.work.case,
            callbacks=self.callbacks,
            placers=(self.callbacks, self.campaigns.dialer, self.rehearsals, self.operator_calls),
            lookups=self.lookups,
            last_operator=self.archive.last_operator,
            supervision=self.supervision,
            toll=self.toll,
            on_dnc=self.on_dnc,
            slots=Slots(),
            estimate=self.dispatcher.estimate,
            lasts=self._lasts,
            own_sound=self._own_sound,
        )

    def _policy(self, record: CallRecord) -> RecordingPolicy:
        return self.policies.policy(
            direction=record.direction,
            client=record.client,
            queue=record.queue,
            campaign=self.campaigns.dialer.campaign_of(record.id),
        )

    def _lasts(self, sounds: Sequence[Sound]) -> float:
        return sum(self._length(sound) for sound in sounds)

    def _length(self, sound: Sound) -> float:
        own = self.library.seconds(sound.place.removeprefix("own/")) if sound.place else None
        return own or self.lengths.get(f"{sound.language}/{sound.prompt}", UNKNOWN_S)

    def _own_sound(self, client: ClientId, sound: Sound) -> Sound:
        place = self.library.place(client, sound.language, sound.prompt)
        return sound if place is None else Sound(sound.language, sound.prompt, f"own/{place}")

    def _flow_of(self, called: str) -> Answering | None:
        number = self.shelf.book.site.numbers.get(called)
        if number is None:
            return None
        language = Language(number.language) if number.language is not None else None
        return Answering(FlowId(number.flow), DEFAULT_CLIENT, language)

    async def run(self) -> None:
        """Serve until cancelled."""
        settings = self.settings
        stored = await self.archive.live()
        await self.recordings.take_up({call.record.id for call in stored})
        self.cases.go_on_after(await self.work.last_protocol())
        await self.queue_desk.load()
        operators = await self.desk.load()
        self.telephony.watch_later(operators)
        self.shelf.ensure(versions_of(stored))
        await self.campaigns.recovery.load()
        await self.callbacks.load()
        reconciler = Reconciler(self.exchange, self.telephony, stored)
        connected = asyncio.Event()

        def on_event(event: TelephonyEvent) -> None:
            if isinstance(event, PbxConnected):
                connected.set()
            elif isinstance(event, PbxLost):
                self.ready = False
                self.dispatcher.freeze(frozen=True)
                self.campaigns.recovery.lost()
            self.exchange.on_event(event)

        async with asyncio.TaskGroup() as tasks:
            self.exchange.open(self.services(), tasks)
            agi = AgiServer(self._codes(), settings.agi_host, settings.agi_port)
            tasks.create_task(agi.run(), name="codes")
            tasks.create_task(self.ami.run(), name="ami")
            parts: dict[str, Callable[[], Awaitable[None]]] = {
                "guard": self.guard.run,
                "fallback": lambda: self.fallback.run(self.ami),
                "flows": self.shelf.watch,
                "clock": self._follow_clock,
                "site": self._follow_site,
                "timekeeper": lambda: keep_time(self.dispatcher, self.clock),
                "recordings": self.recordings.run,
                "messages": self.messages.run,
                "callbacks": self.callbacks.run,
                "campaigns": self.campaigns.run,
                "supervision": self.supervision.run,
                "imports": self.imports.run,
                "reconciler": lambda: self._reconcile(connected, reconciler),
                **self.beside,
            }
            for name, run in parts.items():
                tasks.create_task(surviving(name, run), name=name)
            tasks.create_task(self.telephony.listen(on_event), name="telephony")

    def _codes(self) -> Codes:
        """What operators dial."""
        pins = Pins(self.operators.verify_pin, self.clock)
        asking = PinCodes(
            self.desk, self.queue_desk, pins, self.supervision, AuditLog(self.database), self.clock.now
        )
        recording = RecordingCodes(self.desk, self.recording_desk)
        talks = TalkCodes(self.desk, TalkDesk(self.exchange))
        more = {**asking.dialogues(), **recording.dialogues(), **talks.dialogues()}
        return Codes(self.desk, self.settings.sounds, more, self.clock.now)

    async def _follow_clock(self) -> None:
        while True:
            self.clock.follow()
            await asyncio.sleep(FOLLOW_S)

    def confirm_clock(self) -> None:
        """A person says that the wall clock is right: records and campaigns go by it from now on."""
        self.clock.confirm()
        self.campaigns.tower.watched.confirm(self.clock.now(), self.clock.monotonic())

    async def call_again(self, record: CallRecord) -> Callback:
        """Promise a call to somebody whose line dropped in a talk. Raises as `Callbacks.again`."""
        queue = QueueId(record.queue or self.shelf.book.site.default_queue)
        config = self.shelf.book.site.queues.get(queue)
        if config is None:
            raise IllegalTransition(f"queue {queue} is no more")
        return await self.callbacks.again(record, request_of(config, queue, record.client))

    async def _follow_site(self) -> None:
        """An edited site file reaches queues and waiting callers without a restart; places are kept."""
        site = self.shelf.book.site
        while True:
            await asyncio.sleep(SITE_S)
            if self.shelf.book.site is not site and self.shelf.book.site != site:
                renew = renewal(site, self.shelf.book.site)
                site = self.shelf.book.site
                self.queue_desk.configure(queues_of(site), policy_of(site), renew)
                self.dispatcher.set_pauses(pauses_of(site))
                self.policies = policies_of(site)
                version = self.shelf.site_version
                log.info("site.changed", version=version, queues=len(site.queues), numbers=len(site.numbers))

    async def _reconcile(self, connected: asyncio.Event, reconciler: Reconciler) -> None:
        while True:
            await connected.wait()
            connected.clear()
            if await self._provisioned() and await reconciler.run():
                self.ready = True
                self.dispatcher.freeze(frozen=False)
                self.messages.connected()
                self.callbacks.pbx_seen()
                self.guard.connected()
                self.campaigns.recovery.pbx_seen()
                log.info("pbx.reconciled", calls=len(self.exchange.sessions))
            else:
                log.warning("pbx.not_reconciled")
                await asyncio.sleep(RECONCILE_AGAIN_S)
                connected.set()

    async def _provisioned(self) -> bool:
        """Whether the phones were given to the PBX; a store that is away at the very start is asked again."""
        try:
            await self.desk.provision()
        except Exception:
            log.exception("phones.not_provisioned")
            return False
        return True

    async def stop(self) -> None:
        """Before the end: everybody's state is written; calls are left as they are, for the next start."""
        await self.desk.memory.write_now()
        await self.journal.flush()

    def _fallback_members(self) -> dict[OperatorId, bool]:
        """Who would serve callers without us: signed in, on a reachable phone; paused ones are told so."""
        return {
            presence.phone or operator: presence.state is OperatorState.PAUSED
            for operator, presence in self.dispatcher.operators.items()
            if presence.signed_in and presence.reachable
        }
