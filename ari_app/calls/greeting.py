"""The first words to somebody whom we called, before an operator's phone rings for him."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ari_app.calls.timers import BEAT, BEAT_S
from ari_app.dispatch.messages import Assigned
from ari_app.model.call import Phase
from ari_app.model.commands import Sound
from ari_app.model.facts import CallAnswered, CallStarted, PromptPlayed
from ari_app.model.ids import Language, PlaybackId, PromptId
from ari_app.model.routing import QueueRequest
from ari_app.model.telephony import ChannelEnded, PlaybackEnded
from ari_app.ports import Outcome

if TYPE_CHECKING:
    from ari_app.calls.messages import Message
    from ari_app.calls.session import Session

GREETING = PromptId("callback/greeting")
LONGEST_S = 10.0


async def greet(
    session: Session, request: QueueRequest, entered_at: float, assigned: Assigned | None
) -> None:
    """Say who calls; then the reserved operator is rung, or without one the place in line is taken."""
    record = session.record
    session.tell(CallStarted(record.caller, record.called, record.direction))
    session.tell(CallAnswered())
    session.request, session.entered_at = request, entered_at
    session.set(phase=Phase.WAITING)
    session.write()  # from here on a restart finds the caller in line
    session.timers.start(BEAT, BEAT_S)
    await session.renew_now()
    await _speak(session)
    await into_line(session, request, entered_at, assigned)


async def into_line(
    session: Session, request: QueueRequest, entered_at: float, assigned: Assigned | None
) -> None:
    """Give somebody whom we called to the reserved operator, or to the next one, at his place in line."""
    session.request, session.entered_at = request, entered_at
    session.set(phase=Phase.WAITING)
    session.write()
    if assigned is not None:
        session.mailbox.put(assigned)
    elif not session.mailbox.holds(ChannelEnded):
        await session.services.telephony.start_music(session.record.channel, "default")
        session.services.dispatcher.enqueue(session.record.id, request, entered_at, patient=True)


async def _speak(session: Session) -> None:
    """Until the greeting is over or the person gone; what else happens is kept for afterwards."""
    language = session.record.language or Language("pt-BR")
    playback = PlaybackId(session.own_id("greeting"))
    sounds = (Sound(language, GREETING),)
    if await session.services.telephony.play(session.record.channel, playback, sounds) is not Outcome.DONE:
        return
    session.tell(PromptPlayed(language, (GREETING,)))
    kept: list[Message] = []
    try:
        async with asyncio.timeout(LONGEST_S):
            while True:
                match message := await session.mailbox.get():
                    case PlaybackEnded():
                        break
                    case ChannelEnded(channel=channel) if channel == session.record.channel:
                        kept.append(message)
                        break
                    case _:
                        kept.append(message)
    except TimeoutError:
        pass
    for message in kept:
        session.mailbox.put(message)
