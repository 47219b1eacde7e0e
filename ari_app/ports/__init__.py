"""What the inside needs of the outside, and what the layers above need of each other.

Every port is a `Protocol`: the product has one implementation, the tests have a fake that passes the same
contract suite. Expected outcomes are values; an exception is a bug or a lost resource.
"""

from __future__ import annotations

from ari_app.ports.books import OperatorBook, PunchBook, QueueStateBook, WorkItems
from ari_app.ports.desks import (
    Audit,
    Floor,
    OperatorDesk,
    OperatorSecrets,
    OperatorView,
    QueueOffice,
    QueueView,
    TalkDesk,
    WatchDesk,
)
from ari_app.ports.flows import (
    FlowOffice,
    PromptMade,
    PromptOffice,
    RehearsalOffice,
    RehearsalPlan,
    ScenarioOffice,
)
from ari_app.ports.health import Check, Readiness
from ari_app.ports.journal import CallFilter, Clock, Journal, Page, Stamped, StoredCall, StoredFact
from ari_app.ports.phones import Phones, PinCheck, SipBan, SipBans
from ari_app.ports.recordings import (
    Audible,
    AudioInfo,
    LiveRecordings,
    RecordingAudio,
    RecordingBook,
    RecordingFilter,
    VoiceSpool,
)
from ari_app.ports.refusals import (
    AlreadyExists,
    AudioDamaged,
    CursorRefused,
    FlowRefused,
    IllegalTransition,
    NotFound,
    Overtaken,
    PbxRefused,
    PhoneRefused,
    Refusal,
    StoreAway,
)
from ari_app.ports.site import SiteEntry, SiteOffice, SiteStanding
from ari_app.ports.telephony import LiveChannel, LivePbx, Neighbour, Outcome, TalkLines, TapeDeck, Telephony

__all__ = [
    "AlreadyExists",
    "Audible",
    "AudioDamaged",
    "AudioInfo",
    "Audit",
    "CallFilter",
    "Check",
    "Clock",
    "CursorRefused",
    "Floor",
    "FlowOffice",
    "FlowRefused",
    "IllegalTransition",
    "Journal",
    "LiveChannel",
    "LivePbx",
    "LiveRecordings",
    "Neighbour",
    "NotFound",
    "OperatorBook",
    "OperatorDesk",
    "OperatorSecrets",
    "OperatorView",
    "Outcome",
    "Overtaken",
    "Page",
    "PbxRefused",
    "PhoneRefused",
    "Phones",
    "PinCheck",
    "PromptMade",
    "PromptOffice",
    "PunchBook",
    "QueueOffice",
    "QueueStateBook",
    "QueueView",
    "Readiness",
    "RecordingAudio",
    "RecordingBook",
    "RecordingFilter",
    "Refusal",
    "RehearsalOffice",
    "RehearsalPlan",
    "ScenarioOffice",
    "SipBan",
    "SipBans",
    "SiteEntry",
    "SiteOffice",
    "SiteStanding",
    "Stamped",
    "StoreAway",
    "StoredCall",
    "StoredFact",
    "TalkDesk",
    "TalkLines",
    "TapeDeck",
    "Telephony",
    "VoiceSpool",
    "WatchDesk",
    "WorkItems",
]
