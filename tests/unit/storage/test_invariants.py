"""The doctor finds what is wrong, and nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, create_engine, insert

from ari_app.cli.doctor import live_faults
from ari_app.model.call import FinalState
from ari_app.model.facts import CallEnded, CallStarted
from ari_app.model.ids import CallId
from ari_app.ports import Stamped
from ari_app.storage import campaign_schema as outbound
from ari_app.storage import schema
from ari_app.storage.invariants import broken, open_calls
from ari_app.storage.rows import call_row, fact_row
from tests.unit.storage.records import a_call

START = CallStarted("+5511", "5000", "inbound")


def store() -> Connection:
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    return engine.connect()


def put(connection: Connection, number: int, *, ends: int = 1, **fields: Any) -> None:
    record = a_call(number, **fields)
    connection.execute(insert(schema.calls), [call_row(record)])
    ended = CallEnded(FinalState.ANSWERED, 16)
    facts = [Stamped(record.started_at, START, record.id)]
    facts += [Stamped(record.started_at + 1, ended, record.id) for _ in range(ends)]
    connection.execute(insert(schema.facts), [fact_row(fact) for fact in facts])


def wrong(connection: Connection) -> list[str]:
    return broken(connection, 0.0, 2e9)


def test_X6_calls_with_one_end_are_well_and_those_with_none_or_two_are_told() -> None:
    with store() as connection:
        put(connection, 1, final_state=FinalState.ANSWERED)
        put(connection, 2, ends=0)
        assert wrong(connection) == []
        assert set(open_calls(connection)) == {"c2"}
        put(connection, 3, ends=2, final_state=FinalState.ANSWERED)
        put(connection, 4, ends=0, final_state=FinalState.ABANDONED)
        put(connection, 5, ends=1)
        told = Stamped(1.0, START, CallId("c9"))
        connection.execute(insert(schema.facts), [fact_row(told)])
        assert [fault.split(":")[0] for fault in wrong(connection)] == [
            "call c3",
            "call c4",
            "call c5",
            "call c9",
        ]


def test_X6_a_recorded_talk_without_a_recording_is_told() -> None:
    ended: dict[str, Any] = {
        "final_state": FinalState.ANSWERED,
        "ended_at": 1000.0,
        "talk_s": 20.0,
        "recording_id": "c1",
    }
    with store() as connection:
        put(connection, 1, **ended)
        assert wrong(connection) == ["call c1: talked under recording, and there is none"]
        kept = {"id": "c1", "client_id": "default", "call_id": "c1", "status": "complete", "started_at": 1.0,
                "file": "c1.wav", "rate_hz": 8000, "samples": 1, "duration_s": 20.0, "sha256": "",
                "legs": '[{"operator": "1001", "start_s": 0, "end_s": 21}]'}  # fmt: skip
        connection.execute(insert(schema.recordings), [kept])
        assert wrong(connection) == []
        connection.execute(schema.recordings.update().values(duration_s=5.0))
        assert wrong(connection) == ["recording c1 is `complete`: 5.0 s of 21.0 s"]
        connection.execute(schema.recordings.update().values(status="truncated"))
        assert wrong(connection) == []


def test_O13_an_attempt_to_a_number_of_the_do_not_call_list_is_told() -> None:
    attempt = {"id": "a1", "client_id": "default", "campaign_id": "k", "contact_id": 1, "number": 1,
               "phone": "+5511", "person": "p", "caller_id": "", "started_at": 100.0, "segment": 0,
               "zone": "", "reason": "", "cause": 0, "ended_at": 110.0, "result": "busy"}  # fmt: skip
    listed = {"client_id": "*", "number": "+5511", "source": "x", "added_by": "y", "added_at": 200.0}
    with store() as connection:
        connection.execute(insert(outbound.campaign_attempts), [attempt])
        connection.execute(insert(outbound.dnc_numbers), [listed])
        assert wrong(connection) == []
        connection.execute(outbound.dnc_numbers.update().values(added_at=50.0))
        assert wrong(connection) == ["campaign_attempts: a1 dialled a number of the do-not-call list"]


def channel(ident: str, name: str, call: str = "", context: str = "from-carrier") -> dict[str, Any]:
    return {"id": ident, "name": name, "channelvars": {"RAMAL_CALL": call}, "dialplan": {"context": context}}


def test_X6_what_lives_without_an_owner_is_told() -> None:
    caller, leg = channel("ch1", "PJSIP/carrier-00000001", "c1"), channel("ch2", "PJSIP/1001-00000002", "c1")
    talking = {"extension": "1001", "state": "talking"}
    bridge = {"id": "b", "channels": ["ch1", "ch2"]}
    assert live_faults([caller, leg], [bridge], [talking], {"c1": "ch1"}, {"c1"}) == []
    assert live_faults([leg], [], [talking], {}, set()) == [
        "channel PJSIP/1001-00000002 (ch2) belongs to no open call"
    ]
    assert live_faults([], [{"id": "b", "channels": []}], [talking], {"c1": "ch1"}, {"c1"}) == [
        "bridge b is empty",
        "operator 1001 is talking without a channel",
        "call c1 is open without a channel",
    ]
    served = channel("ch3", "PJSIP/carrier-00000003", "c3", "ramal-fallback")
    rung = channel("ch4", "PJSIP/1001-00000004", "c3", "from-operator")
    own = channel("ch5", "PJSIP/1001-00000005")
    dialled = channel("a1", "PJSIP/carrier-00000006")
    assert live_faults([served, rung, own, dialled], [], [talking], {}, {"a1"}) == []
