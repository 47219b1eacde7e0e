"""The HTTP front: every resource of the API over the parts of a switchboard."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence

from aiohttp import web

from ari_app.app.switchboard import Switchboard
from ari_app.calls.scenario_desk import ScenarioDesk
from ari_app.calls.site_desk import SiteDesk
from ari_app.ports import Check
from ari_app.recordings.folder import FolderAudio
from ari_app.storage.accounts import SessionStore, TokenStore, UserStore
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.audit import AuditLog
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.imports import ImportStore
from ari_app.storage.listening import ListeningStore
from ari_app.storage.notices import NoticeStore
from ari_app.storage.persons import PersonStore
from ari_app.storage.transcripts import TranscriptStore
from ari_app.storage.webhooks import WebhookStore
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
from ari_app.web.api.listening import ListeningApi
from ari_app.web.api.live import LiveApi
from ari_app.web.api.notices import NoticesApi
from ari_app.web.api.operators import OperatorsApi
from ari_app.web.api.password import PasswordApi
from ari_app.web.api.persons import PersonsApi
from ari_app.web.api.phone import PhoneApi
from ari_app.web.api.phone_setup import PhoneSetupApi
from ari_app.web.api.previews import PreviewsApi
from ari_app.web.api.prompts import PromptsApi
from ari_app.web.api.queues import QueuesApi
from ari_app.web.api.recording_care import RecordingCareApi
from ari_app.web.api.recording_control import RecordingControlApi
from ari_app.web.api.recordings import RecordingsApi
from ari_app.web.api.rehearsals import RehearsalsApi
from ari_app.web.api.scenarios import ScenariosApi
from ari_app.web.api.session import Brakes, SessionApi
from ari_app.web.api.site import SiteApi
from ari_app.web.api.supervision import SupervisionApi
from ari_app.web.api.talks import TalksApi
from ari_app.web.api.timeclock import TimeClockApi
from ari_app.web.api.work import WorkApi
from ari_app.web.auth import Authenticator
from ari_app.web.console import add_console
from ari_app.web.feed import Feed
from ari_app.web.metrics import Metrics
from ari_app.web.route import Resource
from ari_app.web.server import create_app
from ari_app.webhooks import webhooks_api
from ari_app.webhooks.courier import Courier


class Readiness:
    """`ports.Readiness` of a switchboard."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    async def checks(self) -> Sequence[Check]:
        board = self._switchboard
        shelf = board.shelf
        wrong = "; ".join(
            f"{p.file}:{p.mark.line} {p.message}" for p in shelf.problems if p.severity == "error"
        )
        return (
            Check(
                "pbx", board.ready, "" if board.ready else "no connection to the PBX, or not reconciled yet"
            ),
            Check("database", await board.database.writable() and board.journal.healthy),
            Check("flows", shelf.healthy, wrong[:500]),
        )


def build(board: Switchboard, feed: Feed, metrics: Metrics, courier: Courier) -> web.Application:
    """The web application; `feed` and `courier` are run by the caller."""
    users = UserStore(board.database, board.box, board.passwords, board.clock.wall)
    tokens, sessions = TokenStore(board.database), SessionStore(board.database)
    messages = FolderAudio(board.settings.recordings)
    audit, listening = AuditLog(board.database), ListeningStore(board.database)
    authenticator = Authenticator(tokens, sessions, board.clock)
    brakes = Brakes(board.clock.monotonic)
    resources: tuple[Resource, ...] = (
        SessionApi(users, board.operators, sessions, authenticator, brakes, board.clock),
        PasswordApi(users, board.operators, authenticator, brakes, board.clock),
        AccountsApi(users, tokens, audit, authenticator),
        CallsApi(board.archive, board.floor),
        HistoryApi(board.archive, board.work),
        RecordingsApi(
            board.archive,
            board.recordings.audio,
            board.recordings.as_stored,
            board.recordings.store,
            board.recordings.recorder.pending,
        ),
        RecordingControlApi(board.archive, board.recording_desk, board.recordings.keeping),
        RecordingCareApi(
            archive=board.archive,
            care=board.recordings.store,
            notes=listening,
            transcripts=TranscriptStore(board.database),
            deletion=board.recordings.keeping,
            checks=board.recordings.inspection,
            keys=board.recordings.rotation,
            audio=board.recordings.audio,
            sealer=board.box,
            audit=audit,
        ),
        webhooks_api(WebhookStore(board.database, board.box), courier),
        ListeningApi(listening, board.archive, board.recordings.audio),
        PersonsApi(
            PersonStore(board.database),
            board.recordings.keeping,
            board.recordings.audio,
            messages,
            messages.remove,
        ),
        TalksApi(board.archive, board.exchange),
        SupervisionApi(board.supervision, board.desk),
        OperatorsApi(board.desk),
        NoticesApi(board.desk, NoticeStore(board.database), board.journal),
        PhoneApi(board.settings.phone_sources, board.settings.ice_servers, board.settings.turn_secret),
        PhoneSetupApi(
            board.desk, board.operators.phone_passwords, board.phones.kind_of, board.settings.phone_place
        ),
        DirectoryApi(board.desk, board.floor),
        TimeClockApi(board.desk, board.punches),
        BansApi(board.guard),
        DiallingApi(board.desk, board.operator_calls),
        ClockApi(board.clock, board.confirm_clock, lambda: len(board.exchange.sessions)),
        QueuesApi(board.floor, board.queue_desk, lambda: board.shelf.prompts_everywhere),
        FlowsApi(board.shelf),
        SiteApi(_site_desk(board)),
        RehearsalsApi(board.rehearsal_office),
        ScenariosApi(ScenarioDesk(board.shelf, board.settings.callflows, board.lengths)),
        PromptsApi(board.prompt_desk),
        CallbacksApi(board.callback_book, board.callbacks.cancel, board.archive.call, board.call_again),
        CasesApi(board.work, board.cases, board.archive),
        FormsApi(
            board.work,
            board.cases,
            board.archive,
            lambda: board.shelf.book.site,
            board.dispatcher.form_written,
        ),
        *_campaigns(board),
        WorkApi(board.work, FolderAudio(board.settings.recordings), board.archive, board.desk),
        LiveApi(
            feed,
            board.archive,
            board.desk,
            board.floor,
            authenticator,
            board.clock,
            lambda: board.journal.healthy,
        ),
    )
    board.ari.measure(metrics.ari_request)
    board.dispatcher.decided = metrics.routing_decided
    metrics.watch(
        desk=board.desk,
        floor=board.floor,
        live_calls=lambda: Counter(s.record.phase.value for s in board.exchange.sessions.values()),
        gauges={
            "ramal_journal_backlog": ("Writes waiting for the store", lambda: float(board.journal.backlog)),
            "ramal_journal_left_out": (
                "Facts not kept because the store was away for too long",
                lambda: float(board.journal.left_out),
            ),
            "ramal_recording_backlog": (
                "Recordings being made whole",
                lambda: float(board.recordings.recorder.backlog),
            ),
            "ramal_webhook_pending": (
                "Webhook deliveries on their way",
                lambda: float(courier.counts.get("pending", 0)),
            ),
            "ramal_webhook_dead": (
                "Webhook deliveries given up",
                lambda: float(courier.counts.get("dead", 0)),
            ),
            "ramal_tasks": ("Tasks of the event loop", lambda: float(len(asyncio.all_tasks()))),
            "ramal_recording_free_bytes": ("Free space for recordings", lambda: _free(board)),
            "ramal_clock_differs_seconds": (
                "By how much the machine's wall clock is ahead of the time for records",
                board.clock.differs_s,
            ),
            "ramal_pbx_connected": ("1 while the PBX is seen", lambda: float(board.telephony.connected)),
        },
    )
    app = create_app(
        resources=resources,
        authenticator=authenticator,
        audit=audit,
        clock=board.clock,
        readiness=Readiness(board),
        metrics=metrics,
        connect_sources=board.settings.phone_sources,
    )
    if board.settings.console_dir is not None:
        add_console(app, board.settings.console_dir)
    return app


def _site_desk(board: Switchboard) -> SiteDesk:
    campaigns = CampaignStore(board.database)
    return SiteDesk(
        board.shelf,
        lambda: [view.operator for view in board.desk.views()],
        lambda: campaigns.with_status("draft", "running", "paused", "stopped"),
    )


def _campaigns(board: Switchboard) -> tuple[Resource, ...]:
    store, attempts = CampaignStore(board.database), AttemptStore(board.database)
    return (
        CampaignsApi(store, store, attempts, board.campaign_desk, board.imports),
        ContactsApi(store, store, store, ImportStore(board.database), board.imports),
        DncApi(store),
        PreviewsApi(board.desk, board.campaigns.previews),
    )


def _free(board: Switchboard) -> float:
    return float(shutil.disk_usage(board.settings.recordings).free)
