"""The flow's commands, performed: one function per command, found by its type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ari_app.calls.perform import asking, basics, messages, queueing, rehearsed, sound, transfer
from ari_app.model import commands as c
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session

Performer = Callable[["Session", Any], Awaitable[Outcome]]

PERFORMERS: dict[type[c.Command], Performer] = {
    c.Answer: basics.answer,
    c.HangUp: basics.hang_up,
    c.StartTimer: basics.start_timer,
    c.CancelTimer: basics.cancel_timer,
    c.Play: sound.play,
    c.StopPlayback: sound.stop_playback,
    c.StartMusic: sound.start_music,
    c.StopMusic: sound.stop_music,
    c.Enqueue: queueing.enqueue,
    c.LeaveQueue: queueing.leave_queue,
    c.AskQueueStatus: queueing.ask_status,
    c.BookCallback: queueing.book_callback,
    c.TransferTo: transfer.transfer_to,
    c.RecordMessage: messages.record_message,
    c.PlayMessage: messages.play_message,
    c.KeepMessage: messages.keep_message,
    c.Lookup: asking.look_up,
    c.IssueProtocol: asking.issue_protocol,
    c.RecordingConsent: basics.recording_consent,
    c.PauseRecording: basics.pause_recording,
    c.ResumeRecording: basics.resume_recording,
}


async def perform(session: Session, command: c.Command) -> Outcome:
    """Do what the flow asked; `GONE` means that the caller hung up and the rest is moot."""
    rehearsal = session.rehearsal
    if rehearsal is not None and rehearsed.is_staged(rehearsal, command):
        return await rehearsed.staged(session, rehearsal, command)
    return await PERFORMERS[type(command)](session, command)
