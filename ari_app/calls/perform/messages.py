"""What the caller says to be heard later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls import sounding
from ari_app.model.call import FinalState
from ari_app.model.commands import KeepMessage, PlayMessage, RecordMessage
from ari_app.model.ids import PlaybackId
from ari_app.model.signals import MessageRecorded, PlaybackFinished
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

BEEP_S = 1.0
LONGEST_S = 120.0
"""Of a message that is played back: nobody listens to more before he decides."""


async def record_message(session: Session, command: RecordMessage) -> Outcome:
    """A full disk or a refusing PBX ends it at once as failed."""
    if not session.services.recorder.room():
        session.later(MessageRecorded(command.name, 0.0, failed=True))
        return Outcome.DONE
    file = session.own_id(command.name)
    await sounding.begins(session, file, command.max_s + BEEP_S)
    outcome = await session.services.telephony.record_message(session.record.channel, command, file)
    if outcome in {Outcome.REFUSED, Outcome.UNKNOWN}:
        sounding.over(session, file)
        session.later(MessageRecorded(command.name, 0.0, failed=True))
    return outcome


async def play_message(session: Session, command: PlayMessage) -> Outcome:
    """The caller listens to what he said; what cannot be played ends at once as failed."""
    playback = PlaybackId(session.own_id(command.playback))
    file = session.own_id(command.name)
    await sounding.begins(session, playback, LONGEST_S)
    outcome = await session.services.telephony.play_message(session.record.channel, playback, file)
    if outcome in {Outcome.REFUSED, Outcome.UNKNOWN}:
        sounding.over(session, playback)
        session.later(PlaybackFinished(command.playback, failed=True))
    return outcome


async def keep_message(session: Session, command: KeepMessage) -> Outcome:
    """The message becomes a work item; a voicemail is the call's final state."""
    if command.kind == "voicemail":
        session.mark = FinalState.VOICEMAIL
    session.services.messages.keep(session.record, session.own_id(command.name), command)
    return Outcome.DONE
