"""What the dialplan's Dial() result means, told apart as operators and reports need it (R7).

DIALSTATUS alone does not say why: a declined call and an unreachable phone are both CHANUNAVAIL, so the
Q.850 cause decides. Measured on Asterisk 22.10: 486 gives cause 17, 603 and 403 give 21, no contact 3 or 20.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from ari_app.model.commands import Sound
from ari_app.model.facts import OfferOutcome
from ari_app.model.ids import Language, OperatorId, PromptId
from ari_app.model.queue import Queue
from ari_app.model.signals import TransferEnded
from ari_app.ports import IllegalTransition, NotFound, Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

REJECTED = 21
BUSY = 17
UNREACHABLE = frozenset({0, 1, 3, 18, 20, 27, 38})
MISSED = frozenset({16, 19, 102})
"""Of a leg that we rang ourselves and that was never answered: its ring time was over."""
SPOKEN = {
    "busy": "transfer/busy",
    "rejected": "transfer/busy",
    "missed": "transfer/no-answer",
    "unconfirmed": "transfer/no-answer",
    "not_allowed": "transfer/not-allowed",
    "unknown": "transfer/number-unknown",
    "cancelled": "transfer/returned",
    "timeout": "transfer/returned",
}
"""What an operator hears of a transfer that came back; any other outcome: that it failed."""


TAKE_CALL = "codes/take-call"
_BY_STATUS: dict[str, OfferOutcome] = {
    "ANSWER": "answered",
    "NOANSWER": "missed",
    "BUSY": "busy",
    "CANCEL": "caller_gone",
    "DECLINED": "rejected",
    "UNCONFIRMED": "unconfirmed",
}
"""The last two are the dialplan's own: who answered was asked for a key, and pressed 2, or nothing."""


def of_offer(status: str, cause: int) -> OfferOutcome:
    """The outcome of ringing an operator."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if cause == REJECTED:
        return "rejected"
    if cause == BUSY:
        return "busy"
    return "unreachable" if cause in UNREACHABLE else "phone_error"


def of_transfer(status: str, cause: int) -> TransferEnded:
    """The outcome of a transfer, for the flow."""
    match of_offer(status, cause):
        case "answered":
            return TransferEnded("answered")
        case "missed" | "unconfirmed":
            return TransferEnded("no_answer")
        case "busy":
            return TransferEnded("busy")
        case "rejected":
            return TransferEnded("rejected")
        case "unreachable":
            return TransferEnded("unreachable")
        case _:
            return TransferEnded("failed")


def of_leg(cause: int) -> OfferOutcome:
    """The outcome of a leg that we rang for a talk, by its Q.850 cause."""
    return "missed" if cause in MISSED else of_offer("", cause)


def offer_outcome(outcome: str) -> OfferOutcome:
    """An outcome of any kind as one of an offer."""
    return outcome if outcome in get_args(OfferOutcome) else "cancelled"  # type: ignore[return-value]


def of_refusal(refusal: Refusal) -> str:
    """Why a phone's own transfer could not even be tried."""
    match refusal:
        case NotFound():
            return "unknown"
        case IllegalTransition():
            return "busy"
        case _:
            return "not_allowed"


def spoken(session: Session, operator: OperatorId, outcome: str) -> tuple[Sound, ...]:
    """The reason in the operator's language."""
    presence = session.services.dispatcher.operators.get(operator)
    language = Language(presence.operator.language if presence is not None else "pt-BR")
    return (Sound(language, PromptId(SPOKEN.get(outcome, "transfer/failed"))),)


def question(session: Session, operator: OperatorId, queue: Queue) -> str:
    """What who answers the operator's phone is asked first, as the dialplan is told it; empty: nothing."""
    presence = session.services.dispatcher.operators.get(operator)
    if presence is None or not (queue.confirm or presence.operator.confirm):
        return ""
    return f"{presence.operator.language}/{TAKE_CALL}"


def by_itself(session: Session, operator: OperatorId, queue: Queue) -> bool:
    """Whether the operator's phone answers by itself; one that must confirm by a key never does."""
    presence = session.services.dispatcher.operators.get(operator)
    return presence is not None and (queue.auto_answer or presence.operator.auto_answer)


def spoken_id(session: Session, operator: OperatorId, outcome: str) -> str:
    """The same as the PBX's dialplan is told it."""
    sound = spoken(session, operator, outcome)[0]
    return f"{sound.language}/{sound.prompt}"
