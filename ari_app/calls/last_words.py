"""Something said to whoever is on a call's own channel before it is hung up, where no flow speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ari_app.calls.timers import BEAT, BEAT_S
from ari_app.model.commands import Sound
from ari_app.model.ids import Language, PlaybackId, PromptId
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.session import Session


async def say_and_end(session: Session, prompt: str, language: Language) -> None:
    """Say it; the script hangs up when it is over. What cannot be played is followed by the end at once."""
    channel, telephony = session.record.channel, session.services.telephony
    session.timers.start(BEAT, BEAT_S)
    await telephony.answer(channel)
    playback = PlaybackId(session.own_id("said"))
    if await telephony.play(channel, playback, (Sound(language, PromptId(prompt)),)) is not Outcome.DONE:
        await telephony.hang_up(channel, 16)
