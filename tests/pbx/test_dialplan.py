"""The dialplan on a real Asterisk: what it does for the application, and for the caller without it."""

from __future__ import annotations

import re
import socket
from itertools import groupby
from typing import get_args

from pbx.patience import PATIENCE_S
from pbx.stasis import StasisApp
from pbx.telco import Digits
from pbx.telco_phones import Behaviour
from pbx.telephony import Telephony, until
from pbx.tones import read_raw, read_wav, seconds, spans, tones_in

CALL_ID = re.compile(r"^[A-Za-z0-9.-]{8,64}$")


def entered(app: StasisApp, number: str = "5000") -> tuple[str, str]:
    """Channel and call id of a caller who has just entered; the call is answered."""
    channel = app.wait("StasisStart", args=["entered", number])["channel"]
    app.answer(channel["id"])
    return channel["id"], channel["channelvars"]["RAMAL_CALL"]


def test_echo_hears_itself_without_application(phones: Telephony) -> None:
    call = phones.telco.call("600", caller="caller1", say="tone:440")
    call.wait_answered()
    call.hears(440)


def test_call_from_carrier_enters_with_its_number_and_a_unique_id(phones: Telephony) -> None:
    with StasisApp(phones) as app:
        seen = set()
        for number in ("5000", "+551140001234"):
            call = phones.telco.call(number, caller=None, caller_id="+5511912345678")
            event = app.wait("StasisStart", args=["entered", number])
            assert event["channel"]["caller"]["number"] == "+5511912345678"
            assert event["channel"]["state"] == "Ring"  # nothing answers before the application does
            seen.add(event["channel"]["channelvars"]["RAMAL_CALL"])
            call.hangup()
            app.wait("StasisEnd")
        assert len(seen) == 2
        assert all(CALL_ID.match(ident) for ident in seen)


def test_outside_phone_shows_its_own_number_whatever_it_says(phones: Telephony) -> None:
    with StasisApp(phones) as app:
        phones.telco.call("5000", caller="caller2")
        event = app.wait("StasisStart")
        assert event["channel"]["caller"]["number"] == "+5511900000002"


def test_X8_numbers_that_are_none_never_enter(phones: Telephony) -> None:
    with StasisApp(phones) as app:
        for dialled in ("5000%24%7BEVIL%7D", "x5000", "*11", "5000,evil"):
            call = phones.telco.call(dialled, caller="caller3")
            assert call.wait_ended() in {1, 28, 3}, dialled
        assert not app.seen("StasisStart")


def test_digits_by_rfc4733_and_by_info_arrive(phones: Telephony) -> None:
    with StasisApp(phones) as app:
        for way in get_args(Digits):
            call = phones.telco.call("5000", digits=way)
            channel, _ = entered(app)
            call.wait_answered()
            call.press("27#")
            got = [app.wait("ChannelDtmfReceived")["digit"] for _ in range(3)]
            assert got == ["2", "7", "#"], way
            call.hangup()
            app.wait("StasisEnd")
            assert channel


def test_M1_offered_call_is_joined_recorded_left_caller_right_operator_and_comes_back(
    phones: Telephony,
) -> None:
    phones.given_robot("1005", behaviour=Behaviour(after_s=1.0, say="tone:600"))
    with StasisApp(phones) as app:
        call = phones.telco.call("5000", say="tone:440")
        channel, ident = entered(app)
        app.go_on(channel, "ramal-offer", "1005*20*r*7200")
        offer = phones.telco.wait_call_to("1005")
        assert offer["From"] == "+5511900000001"
        call.hears(600, least_s=1.0)
        until(lambda: len(phones.pbx.channels()) == 2)
        phones.telco._robots["1005"].hangup()
        back = app.wait("StasisStart", args=["dialled", "ANSWER", "16", "1005"])
        assert back["channel"]["id"] == channel
        assert back["channel"]["channelvars"]["RAMAL_REC"] == f"{ident}.raw"
        call.hangup()
        app.wait("StasisEnd")
    sound = read_raw(phones.recording(ident), channels=2)
    assert tones_in(sound[:, 0], [440, 600]) == {440}
    assert tones_in(sound[:, 1], [440, 600]) == {600}


def test_M1_every_operator_of_a_call_is_in_its_one_recording(phones: Telephony) -> None:
    order = (("1005", 600), ("1006", 850), ("1005", 600), ("1006", 850))
    for extension, tone in order[:2]:
        phones.given_robot(extension, behaviour=Behaviour(say=f"tone:{tone}", hang_up_s=1.2))
    with StasisApp(phones) as app:
        call = phones.telco.call("5000", say="tone:440")
        channel, ident = entered(app)
        for extension, _ in order:
            app.go_on(channel, "ramal-offer", f"{extension}*20*r*7200")
            app.wait("StasisStart", args=["dialled", "ANSWER"])
        call.hangup()
        app.wait("StasisEnd")
    sound = read_raw(phones.recording(ident), channels=2)
    found = sorted((begin, tone) for tone in (600, 850) for begin, _ in spans(sound[:, 1], tone))
    # A busy machine drops out in the middle of a tone.
    assert [tone for tone, _ in groupby(tone for _, tone in found)] == [tone for _, tone in order]
    assert seconds(sound[:, 0], 440) > 2


def test_waiting_caller_hears_music_and_it_is_not_recorded(phones: Telephony) -> None:
    phones.given_robot("1005", behaviour=Behaviour(after_s=2.0, say="tone:600"))
    with StasisApp(phones) as app:
        call = phones.telco.call("5000", say="tone:440")
        channel, ident = entered(app)
        app.go_on(channel, "ramal-offer", "1005*20*r*7200")
        call.hears(600)
        call.hangup()
    heard = call.recorded_audio()
    answered = spans(heard, 600)[0][0]
    assert abs(heard[: int(answered * 8000)]).max() > 0.01, "music until the answer"
    until(lambda: not phones.pbx.channels())
    sound = read_raw(phones.recording(ident), channels=2)
    assert spans(sound[:, 1], 600)[0][0] < answered / 2  # starts at the answer, not at the offer


def test_R7_miss_busy_reject_and_unreachable_are_told_apart(phones: Telephony) -> None:
    robot = phones.given_robot("1005")
    with StasisApp(phones) as app:
        call = phones.telco.call("5000")
        channel, _ = entered(app)
        cases = [
            (Behaviour("ring"), "1005*1*n*60", "NOANSWER"),
            (Behaviour("busy"), "1005*9*n*60", "BUSY"),
            (Behaviour("reject"), "1005*9*n*60", "CHANUNAVAIL 21"),
            (Behaviour("answer"), "1999*9*n*60", "CHANUNAVAIL"),
        ]
        for behaviour, exten, outcome in cases:
            robot.behave(behaviour)
            app.go_on(channel, "ramal-offer", exten)
            status, cause, operator = app.wait("StasisStart")["args"][1:]
            assert f"{status} {cause}".startswith(outcome), (exten, status, cause)
            assert operator == exten[:4]
        call.hangup()


def test_bad_offer_comes_back_at_once(phones: Telephony) -> None:
    with StasisApp(phones) as app:
        phones.telco.call("5000")
        channel, _ = entered(app)
        for exten in ("1005*20*x*7200", "1005", "1005*20*r", "5000@carrier*20*n*60"):
            app.go_on(channel, "ramal-offer", exten)
            assert app.wait("StasisStart")["args"][:2] == ["dialled", "BADREQUEST"], exten
        app.go_on(channel, "ramal-transfer", "t*sip:evil*20*n*60")
        assert app.wait("StasisStart")["args"][:2] == ["dialled", "BADREQUEST"]


def test_longest_talk_comes_back_as_timeup(phones: Telephony) -> None:
    phones.given_robot("1005", behaviour=Behaviour(after_s=0.1))
    with StasisApp(phones) as app:
        phones.telco.call("5000")
        channel, _ = entered(app)
        app.go_on(channel, "ramal-offer", "1005*6*n*1")
        assert app.wait("StasisStart")["args"][1] == "TIMEUP"


def test_P6_transfer_reaches_an_outside_number_through_the_carrier(phones: Telephony) -> None:
    with StasisApp(phones) as app:
        call = phones.telco.call("5000")
        channel, _ = entered(app)
        app.go_on(channel, "ramal-transfer", "t*+551140000100*20*n*60")
        call.hears(500)
        call.hangup()


def test_P6_transfer_reaches_another_operator(phones: Telephony) -> None:
    phones.given_robot("1006", behaviour=Behaviour(say="tone:850"))
    with StasisApp(phones) as app:
        call = phones.telco.call("5000")
        channel, _ = entered(app)
        app.go_on(channel, "ramal-transfer", "e*1006*20*n*60")
        call.hears(850)


def test_caller_who_hangs_up_while_ringing_leaves_nothing(phones: Telephony) -> None:
    phones.given_robot("1005", behaviour=Behaviour("ring"))
    with StasisApp(phones) as app:
        call = phones.telco.call("5000")
        channel, _ = entered(app)
        app.go_on(channel, "ramal-offer", "1005*20*r*7200")
        phones.telco.wait_call_to("1005")
        call.hangup()
        phones.then_nothing_is_left()


def test_X2_talking_pair_outlives_the_application(phones: Telephony) -> None:
    phones.given_robot("1005", behaviour=Behaviour(say="tone:600"))
    app = StasisApp(phones)
    call = phones.telco.call("5000")
    channel, _ = entered(app)
    app.go_on(channel, "ramal-offer", "1005*20*r*7200")
    call.hears(600)
    app.vanish()
    call.hears(600, least_s=9)  # longer than the guard of 8 s
    assert len(phones.pbx.channels()) == 2


def test_X3_frozen_application_hands_the_caller_to_the_fallback(phones: Telephony) -> None:
    phones.given_robot("1006", behaviour=Behaviour(say="tone:850"))
    member(phones, "1006", add=True)
    with StasisApp(phones) as app:
        call = phones.telco.call("5000")
        entered(app)  # and then the application does nothing any more
        call.hears(850)
    member(phones, "1006", add=False)


def test_X2_whom_nobody_answered_waits_for_an_application_that_is_away(phones: Telephony) -> None:
    phones.given_robot("1005", behaviour=Behaviour("ring"))
    with StasisApp(phones) as app:
        call = phones.telco.call("5000")
        channel, _ = entered(app)
        since = phones.telco.ami.mark()
        app.go_on(channel, "ramal-offer", "1005*20*n*7200")
        phones.telco.wait_call_to("1005", since=since)
        app.vanish()
    phones.telco.pick_up("1005", since, do="busy")
    until(lambda: len(phones.pbx.channels()) == 1)
    with StasisApp(phones) as app:
        back = app.wait("StasisStart", args=["dialled", "BUSY", "17", "1005"])
        assert back["channel"]["id"] == channel
        call.hangup()
        app.wait("StasisEnd")


def test_X3_absent_application_rings_the_operators_signed_in(phones: Telephony) -> None:
    phones.given_robot("1006", behaviour=Behaviour(say="tone:850"))
    member(phones, "1006", add=True)
    call = phones.telco.call("5000", caller=None)
    call.hears(850)
    member(phones, "1006", add=False)


def test_X3_nobody_there_takes_a_voicemail(phones: Telephony) -> None:
    call = phones.telco.call("5000", caller=None, caller_id="+5511912345678", say="tone:440")
    call.wait_answered()
    call.hears(1000, least_s=0.2)  # the beep
    folder = phones.site.recordings / "voicemail"
    until(lambda: [path for path in folder.glob("*.wav") if path.stat().st_size > 20000])
    call.hangup()
    until(lambda: not phones.pbx.channels())
    (file,) = folder.glob("*.wav")
    sound, rate = read_wav(file)
    assert tones_in(sound[:, 0], [440, 600], rate) == {440}
    at, *who, call_id = file.stem.split("_")
    assert who == ["+5511912345678", "5000"]
    assert at.isdigit()
    assert CALL_ID.match(call_id)
    file.unlink()


def test_X3_voicemail_after_a_frozen_application_says_who_called(phones: Telephony) -> None:
    """Asterisk mistrusts a channel of which an application set a variable: `DB()` would be refused."""
    with StasisApp(phones) as app:
        call = phones.telco.call("5000", caller=None, caller_id="+5511955550001", say="tone:440")
        channel, call_id = entered(app)
        app.set(channel, "TIMEOUT(absolute)", "3")
        call.hears(1000, least_s=0.2)  # the beep
        folder = phones.site.recordings / "voicemail"
        name = until(lambda: next(folder.glob(f"*_+5511955550001_5000_{call_id}.wav"), None))
        call.hangup()
    until(lambda: not phones.pbx.channels())
    name.unlink()


def test_P1_code_reaches_the_code_server_with_the_operator_who_dialled(phones: Telephony) -> None:
    with socket.create_server(("127.0.0.1", phones.site.ports.agi)) as server:
        server.settimeout(PATIENCE_S)
        phones.given_robot("1005")
        phones.telco.call("*13", caller="1005")
        link, _ = server.accept()
        with link, link.makefile("r") as lines:
            asked = dict(line.rstrip("\n").split(": ", 1) for line in iter(lines.readline, "\n"))
        assert asked["agi_request"].endswith("/pause?operator=1005")


def test_P1_code_without_the_code_server_ends_with_a_tone(phones: Telephony) -> None:
    phones.given_robot("1005")
    call = phones.telco.call("*11", caller="1005")
    call.wait_answered()
    call.hears(425)
    assert call.wait_ended() == 16


def test_P10_operator_tries_the_menu_and_calls_a_colleague_without_the_application(phones: Telephony) -> None:
    phones.given_robot("1005")
    phones.given_robot("1006", behaviour=Behaviour(say="tone:850"))
    with StasisApp(phones) as app:
        phones.telco.call("5000", caller="1005")
        assert app.wait("StasisStart", args=["entered", "5000"])["channel"]["caller"]["number"] == "1005"
        phones.telco.call("+551140000100", caller="1005")
        app.wait("StasisStart", args=["outgoing", "+551140000100"])
    call = phones.telco.call("1006", caller="1005")
    call.hears(850)


def member(phones: Telephony, extension: str, *, add: bool) -> None:
    verb, word = ("add", "to") if add else ("remove", "from")
    phones.pbx.cli(f"queue {verb} member PJSIP/{extension} {word} ramal-fallback")
