"""What the dialplan's Dial() result means, told apart as operators and reports need it (R7).

DIALSTATUS alone does not say why: a declined call and an unreachable phone are both CHANUNAVAIL, so the
Q.850 cause decides. Measured on Asterisk 22.10: 486 gives cause 17, 603 and 403 give 21, no contact 3 or 20.
"""

from __future__ import annotations

from ari_app.model.facts import OfferOutcome
from ari_app.model.signals import TransferEnded

REJECTED = 21
BUSY = 17
UNREACHABLE = frozenset({0, 1, 3, 18, 20, 27, 38})


def of_offer(status: str, cause: int) -> OfferOutcome:
    """The outcome of ringing an operator."""
    match status:
        case "ANSWER":
            return "answered"
        case "NOANSWER":
            return "missed"
        case "BUSY":
            return "busy"
        case "CANCEL":
            return "caller_gone"
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
        case "missed":
            return TransferEnded("no_answer")
        case "busy":
            return TransferEnded("busy")
        case "rejected":
            return TransferEnded("rejected")
        case "unreachable":
            return TransferEnded("unreachable")
        case _:
            return TransferEnded("failed")
