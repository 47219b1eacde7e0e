"""Answer, hang up, timers, consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls import recording
from ari_app.model.commands import (
    Answer,
    CancelTimer,
    HangUp,
    PauseRecording,
    RecordingConsent,
    ResumeRecording,
    StartTimer,
)
from ari_app.model.facts import CallAnswered
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session


async def answer(session: Session, command: Answer) -> Outcome:
    """Answer once; the second time nothing is asked of the PBX."""
    del command
    if session.record.answered_at is not None:
        return Outcome.DONE
    outcome = await session.services.telephony.answer(session.record.channel)
    if outcome is Outcome.DONE:
        session.set(answered_at=session.now())
        session.tell(CallAnswered())
    return outcome


async def hang_up(session: Session, command: HangUp) -> Outcome:
    """The end comes as `ChannelEnded`."""
    return await session.services.telephony.hang_up(session.record.channel, command.cause)


async def start_timer(session: Session, command: StartTimer) -> Outcome:
    """The name is the flow's; it dies with the call."""
    session.timers.start(command.timer, command.after_s)
    return Outcome.DONE


async def cancel_timer(session: Session, command: CancelTimer) -> Outcome:
    """Unknown names are no error."""
    session.timers.cancel(command.timer)
    return Outcome.DONE


async def recording_consent(session: Session, command: RecordingConsent) -> Outcome:
    """A refusal is kept with the call: no recording is started for it, and one that runs ends."""
    await recording.consent(session, given=command.given)
    return Outcome.DONE


async def pause_recording(session: Session, command: PauseRecording) -> Outcome:
    """Holds for talks to come, too."""
    await recording.pause(session, by="flow", max_s=command.max_s)
    return Outcome.DONE


async def resume_recording(session: Session, command: ResumeRecording) -> Outcome:
    """Without a pause it does nothing."""
    del command
    await recording.resume(session, by="flow")
    return Outcome.DONE
