"""What is recorded of a call while it lives (M2 to M4): begun by policy or on demand, paused, withdrawn.

The session owns its `Tape`. A pause is on its way to the store when the PBX is told, a resumption only after
the PBX has done it: whatever dies in between, less is recorded rather than more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec.structs
import structlog

from ari_app.calls.messages import RecordingAsked
from ari_app.model.call import Phase
from ari_app.model.facts import (
    ConsentTold,
    RecordingAlarm,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from ari_app.model.ids import RecordingId
from ari_app.model.recording import Pause, Tape
from ari_app.ports import IllegalTransition, Outcome, PbxRefused

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

PAUSE = "@pause"
"""The timer that ends a pause by itself."""
STORED_S = 0.5
"""A store that is slower than this is not waited for."""
AGAIN_S = 2.0
"""A PBX that did not resume is asked again after this."""


def file_of(session: Session) -> str:
    """The raw file in the PBX's recordings folder."""
    return f"{session.record.id}.raw"


def _change(session: Session, **changes: object) -> Tape:
    session.tape = msgspec.structs.replace(session.tape, **changes)
    return session.tape


def _may(tape: Tape) -> bool:
    return tape.consent != "refused" and not tape.withdrawn


def alarm(session: Session, kind: str, detail: str) -> None:
    """Somebody must look at this: metric, webhook, log."""
    session.tell(RecordingAlarm(kind, detail))
    log.error("recording.alarm", kind=kind, detail=detail)


# --- by the course of the call ------------------------------------------------------------------------------


async def before_offer(session: Session, *, from_operator: bool = False) -> bool:
    """Whether the PBX records from the answer on. What does not fit the rule any more is stopped.

    `from_operator`: he is on the line already, and the other side is dialled.
    """
    tape, call = session.tape, session.record.id
    policy = session.services.recording_policy(session.record)
    kept = _may(tape) and (tape.kept or policy.takes(call))
    held = _may(tape) and policy.mode == "on_demand" and policy.before_s > 0
    if kept:  # known before there is room: a recording that should be and is not is a gap
        session.set(recording_id=RecordingId(call))
    wanted = kept or held
    if wanted and not session.services.recorder.room():
        alarm(session, "no_room", "the call is not recorded: no space, or the folder cannot be used")
        wanted = False
    now = wanted and not tape.paused
    if tape.running and not now:
        await session.services.deck.stop(session.record.channel)
    stale, side = wanted and tape.paused, tape.from_operator or from_operator
    _change(session, policy=policy, running=wanted, kept=kept, stale=stale, from_operator=side)
    return now


def talk_began(session: Session) -> None:
    """They hear each other: the recording's time runs."""
    tape = session.tape
    if not tape.running or tape.stale:
        return
    if not tape.kept:
        session.services.recorder.hold_last(session.record.id, tape.policy.before_s)
    elif tape.base_s == 0:
        session.tell(RecordingStarted("policy", tape.policy.source, 0.0))
    _change(session, since=session.now())


def talk_ended(session: Session, at: float | None = None) -> None:
    """Nothing is recorded until they talk again; `at` where it was another moment than now."""
    _change(session, base_s=session.tape.position(session.now() if at is None else at), since=None)


def ended_unseen(session: Session) -> float | None:
    """When they stopped talking while we were away, by what was taped until then; None: nobody knows."""
    tape, taped_s = session.tape, session.services.recorder.taped_s(session.record.id)
    if tape.since is None or taped_s is None:
        return None
    _change(session, unseen=True)
    return min(max(tape.since, tape.since + taped_s - tape.base_s), session.now())


def call_ended(session: Session, *, lost: bool) -> None:
    """Hand the recording over to be made whole, or leave nothing of it."""
    if session.tape.since is not None:  # nobody saw the talk's end
        talk_ended(session)
    tape, recorder = session.tape, session.services.recorder
    if session.record.recording_id is not None and _may(tape):
        recorder.finish(session.record, session.legs, tape, lost=lost)
    elif tape.running or tape.base_s > 0 or not _may(tape):
        recorder.throw_away(session.record.id)


async def held(session: Session, *, held: bool) -> None:
    """The caller hears music, or is back: it is left out where the rule says so."""
    tape = session.tape
    if tape.since is not None and not tape.policy.hold_music and not tape.paused:
        await session.services.deck.mute(session.record.channel, muted=held, heard_only=True)


async def again(session: Session, *, music: bool) -> None:
    """Others are in the talk now: the recorder keeps no second speaker, so it begins anew in its file."""
    tape, deck, channel = session.tape, session.services.deck, session.record.channel
    if tape.since is None or tape.stale:
        return
    if await deck.start(channel, file_of(session)) is not Outcome.DONE:
        alarm(session, "not_started", "the PBX did not go on recording when the talk changed")
    elif tape.paused:
        await deck.mute(channel, muted=True)
    elif music and not tape.policy.hold_music:
        await deck.mute(channel, muted=True, heard_only=True)


def taken_up(session: Session) -> None:
    """After a restart a pause goes on for the rest of its time, and the PBX is told of it again.

    Nothing is sent where no pause is known: the PBX then keeps the silence that it may have been told of.
    """
    tape = session.tape
    if tape.running and not tape.kept:
        session.services.recorder.hold_last(session.record.id, tape.policy.before_s)
    if not tape.paused:
        return
    left_s = (tape.pause_until or 0.0) - session.now()
    session.timers.start(PAUSE, min(max(left_s, 0.0), tape.policy.pause_max_s))
    if tape.since is not None:
        session.beside(_mute_again(session))


async def _mute_again(session: Session) -> None:
    await session.services.deck.mute(session.record.channel, muted=True)


# --- by those who may ---------------------------------------------------------------------------------------


async def consent(session: Session, *, given: bool) -> None:
    """The caller said whether he may be recorded; a refusal ends what runs and leaves nothing of it."""
    said: Literal["given", "refused"] = "given" if given else "refused"
    session.tell(ConsentTold(said, "caller"))
    _change(session, consent=said)
    if not given:
        await _forget(session)


async def _forget(session: Session) -> None:
    if session.tape.running:
        await session.services.deck.stop(session.record.channel)
    session.services.recorder.throw_away(session.record.id)  # an earlier talk of the call may lie there
    session.set(recording_id=None)
    _change(session, running=False, kept=False, since=None, base_s=0.0, pauses=(), stale=False)
    session.timers.cancel(PAUSE)


async def withdraw(session: Session, *, by: str) -> None:
    """The caller takes his consent back: what there is of him is deleted, nothing more is recorded."""
    _change(session, withdrawn=True)
    session.tell(ConsentTold("withdrawn", by))
    await _forget(session)


async def start(session: Session, *, by: str) -> None:
    """On demand, with the last seconds where the rule has them. Raises `IllegalTransition`, `PbxRefused`."""
    tape, services = session.tape, session.services
    if not _may(tape):
        raise IllegalTransition("the caller does not want to be recorded")
    if tape.policy.mode == "never":
        raise IllegalTransition(f"the recording policy of {tape.policy.source} does not allow it")
    if session.record.phase is not Phase.TALKING:
        raise IllegalTransition("nobody talks: there is nothing to record")
    if tape.kept and tape.running:
        return
    position = tape.position(session.now())
    begin = max(0.0, position - tape.policy.before_s) if tape.running else position
    if tape.running:
        services.recorder.hold_last(session.record.id, None)
    elif not services.recorder.room():
        raise PbxRefused("there is no space for recordings")
    else:
        await _begin(session)
    session.set(recording_id=RecordingId(session.record.id))
    _change(session, running=True, kept=True, kept_from_s=begin)
    session.tell(RecordingStarted(by, tape.policy.source, begin))


async def _begin(session: Session) -> None:
    outcome = await session.services.deck.start(session.record.channel, file_of(session))
    if outcome is not Outcome.DONE:
        alarm(session, "not_started", f"the PBX did not start to record: {outcome.value}")
        raise PbxRefused("the PBX did not start to record")
    _change(session, since=session.now(), stale=False)


async def pause(session: Session, *, by: str, max_s: float | None = None) -> None:
    """Write silence from now on; asked again, it lasts longer. Raises `PbxRefused`."""
    before, now = session.tape, session.now()
    lasts_s = max_s if max_s is not None else before.policy.pause_max_s
    pauses = before.pauses if before.paused else (*before.pauses, Pause(before.position(now), None, by))
    tape = _change(session, pauses=pauses, pause_until=now + lasts_s)
    session.write()  # on its way to disk before the PBX is told
    if tape.since is not None and not before.paused:
        outcome = await session.services.deck.mute(session.record.channel, muted=True)
        if outcome is not Outcome.DONE:
            _change(session, pauses=before.pauses, pause_until=before.pause_until)
            alarm(session, "not_paused", f"the PBX did not pause: {outcome.value}")
            raise PbxRefused("the PBX did not pause the recording; what is said now is recorded")
    session.timers.start(PAUSE, lasts_s)
    session.tell(RecordingPaused(by, pauses[-1].start_s, lasts_s))
    session.write()
    await session.services.journal.flush(STORED_S)  # who is told that it is paused can rely on it


async def resume(session: Session, *, by: str) -> None:
    """Record again what is said, if it was paused. Raises `PbxRefused`, and then tries again itself."""
    tape = session.tape
    if not tape.paused:
        return
    talking = session.record.phase is Phase.TALKING
    outcome = Outcome.DONE
    if tape.stale and talking:
        outcome = await session.services.deck.start(session.record.channel, file_of(session))
    elif tape.since is not None:
        outcome = await session.services.deck.mute(session.record.channel, muted=False)
    if outcome in {Outcome.REFUSED, Outcome.UNKNOWN}:
        session.timers.start(PAUSE, AGAIN_S)
        alarm(session, "not_resumed", f"the PBX did not resume: {outcome.value}")
        raise PbxRefused("the PBX did not resume the recording; it is asked again")
    now = session.now()
    last = msgspec.structs.replace(tape.pauses[-1], end_s=tape.position(now), ended_by=by)
    since = now if tape.stale and talking else tape.since
    _change(session, pauses=(*tape.pauses[:-1], last), pause_until=None, stale=False, since=since)
    session.timers.cancel(PAUSE)
    session.tell(RecordingResumed(by, tape.position(now)))


async def time_is_up(session: Session) -> None:
    """A pause ends by itself; a PBX that does not is asked again."""
    try:
        await resume(session, by="time limit")
    except PbxRefused as refusal:
        log.warning("recording.not_resumed", error=str(refusal))


async def asked(session: Session, message: RecordingAsked) -> None:
    """Somebody asks from outside, and is told how it went."""
    try:
        match message.act:
            case "start":
                await start(session, by=message.by)
            case "pause":
                if not session.tape.running:
                    raise IllegalTransition("the call is not being recorded")  # noqa: TRY301 - told below
                await pause(session, by=message.by, max_s=message.max_s)
            case "resume":
                await resume(session, by=message.by)
            case "withdraw":
                await withdraw(session, by=message.by)
    except (IllegalTransition, PbxRefused) as refusal:
        if not message.answer.done():
            message.answer.set_exception(refusal)
        return
    session.write()
    if not message.answer.done():
        message.answer.set_result(session.tape)
