"""Prompts and music to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls import sounding
from ari_app.dispatch.messages import Assigned, TurnedAway
from ari_app.model.call import Phase
from ari_app.model.commands import Play, StartMusic, StopMusic, StopPlayback
from ari_app.model.ids import PlaybackId
from ari_app.model.signals import PlaybackFinished
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session


async def play(session: Session, command: Play) -> Outcome:
    """What cannot be played ends at once as failed, so that no flow waits for it.

    Nothing is begun that would be cut in the same moment: the queue has an operator already, or refused.
    """
    if session.mailbox.holds(Assigned) or session.mailbox.holds(TurnedAway):
        session.later(PlaybackFinished(command.playback))
        return Outcome.DONE
    playback = PlaybackId(session.own_id(command.playback))
    sounds = [session.services.own_sound(session.record.client, sound) for sound in command.sounds]
    await sounding.begins(session, playback, session.services.lasts(sounds))
    outcome = await session.services.telephony.play(session.record.channel, playback, sounds)
    if outcome in {Outcome.REFUSED, Outcome.UNKNOWN}:
        sounding.over(session, playback)
        session.later(PlaybackFinished(command.playback, failed=True))
    return outcome


async def stop_playback(session: Session, command: StopPlayback) -> Outcome:
    """A playback that is over already is no loss, and does not mean that the caller is gone."""
    playback = PlaybackId(session.own_id(command.playback))
    await session.services.telephony.stop_playback(session.record.channel, playback)
    return Outcome.DONE


async def start_music(session: Session, command: StartMusic) -> Outcome:
    """None when an operator was free at once: the dialplan plays music while the phone rings."""
    if session.mailbox.holds(Assigned) or session.record.phase is Phase.OFFERED:
        return Outcome.DONE
    return await session.services.telephony.start_music(session.record.channel, command.music)


async def stop_music(session: Session, command: StopMusic) -> Outcome:
    """Silence, where there was music."""
    del command
    return await session.services.telephony.stop_music(session.record.channel)
