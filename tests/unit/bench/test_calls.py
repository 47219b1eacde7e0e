"""The call benchmark's own parts: what it plays, reads, computes and shows."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ari_app.asterisk.provisioning import Phone
from ari_app.flow.admission import SITE, check
from benchmarks.calls import figures, report, stage
from benchmarks.calls.measure import TICKS_PER_S, cpu_s, rss_bytes
from benchmarks.calls.rounds import Round, between, percentile, served_calls
from benchmarks.calls.sipp import SCENARIOS, Conduct, Moment, caller_scenario, read_moments
from benchmarks.calls.voice import key_packets, voice_packets, write_capture
from pbx.instance import DIALPLAN
from pbx.render import render_folder

HERE = Path(stage.__file__).parent


def a_round(side: str, pbx_ms: float, app_ms: float = 0.0, digit_ms: tuple[float, ...] = (5.0,)) -> Round:
    return Round(side, 100, 100, pbx_ms, app_ms, (6.0,), digit_ms)  # type: ignore[arg-type]


def test_reads_moments_of_sipp_logs_and_passes_over_the_rest() -> None:
    lines = [
        "2026-11-23\t06:40:30.4\t1795416030.414899: dialled 17 2026-11-23\t06:40:30.237\t1795416030.237096",
        "Automatic response mode for an unexpected INFO",
        "offered 18 1795416030.559732",
    ]
    assert read_moments(lines) == [
        Moment("dialled", "17", 1795416030.237096),
        Moment("offered", "18", 1795416030.559732),
    ]


def test_a_call_counts_as_served_only_when_operator_and_caller_say_so() -> None:
    moments = [Moment("talking", "1", 1.0), Moment("ended", "1", 2.0), Moment("ended", "2", 2.0)]
    assert served_calls([*moments, Moment("talking", "3", 1.0)]) == 1


def test_spans_are_of_the_same_call_and_sorted() -> None:
    moments = [
        Moment("pressed", "1", 10.0),
        Moment("pressed", "2", 11.0),
        Moment("offered", "2", 11.1),
        Moment("offered", "1", 10.3),
        Moment("offered", "9", 10.3),
    ]
    assert between(moments, "pressed", "offered", 80) == pytest.approx((20.0, 220.0))


def test_percentiles_of_few_and_of_none() -> None:
    assert percentile((1.0, 2.0, 3.0), 0.95) == 3.0
    assert percentile((), 0.5) != percentile((), 0.5)


def test_a_key_is_an_rfc4733_event_that_grows_and_ends_three_times() -> None:
    packets = list(key_packets(1))
    assert [at for at, _ in packets] == [0, 20, 40, 60, 80, 100, 100, 100]
    events = [struct.unpack(">BBH", packet[12:]) for _, packet in packets]
    assert {key for key, _, _ in events} == {1}
    assert [bool(flags & 0x80) for _, flags, _ in events] == [False] * 5 + [True] * 3
    assert [held for _, _, held in events] == [160, 320, 480, 640, 800, 800, 800, 800]
    assert len({packet[4:8] for _, packet in packets}) == 1, "one event, one timestamp (section 2.2)"
    assert [packet[1] & 0x80 for _, packet in packets] == [0x80] + [0] * 7


def test_a_voice_falls_silent_for_the_key_and_numbers_its_packets_without_a_gap() -> None:
    packets = list(voice_packets(bytes(range(256)) * 10, 600, 1, 300))
    numbers = [struct.unpack(">H", packet[2:4])[0] for _, packet in packets]
    assert numbers == list(range(1, len(packets) + 1))
    assert [at for at, _ in packets] == sorted(at for at, _ in packets)
    assert {at for at, packet in packets if packet[1] & 0x7F == 101} == {300, 320, 340, 360, 380, 400}


def test_a_capture_is_a_pcap_of_udp_frames(tmp_path: Path) -> None:
    write_capture(tmp_path / "key.pcap", key_packets(1))
    content = (tmp_path / "key.pcap").read_bytes()
    assert struct.unpack("<I", content[:4]) == (0xA1B2C3D4,)
    _, _, length, _ = struct.unpack("<IIII", content[24:40])
    frame = content[40 : 40 + length]
    assert frame[12:14] == b"\x08\x00"
    assert frame[23] == 17
    assert len(frame) == 14 + 20 + 8 + 12 + 4


@pytest.mark.parametrize("conduct", [Conduct(), Conduct(press=False), Conduct(voice=b"\xd5" * 320)])
def test_callers_scenarios_are_well_formed_and_filled(conduct: Conduct, tmp_path: Path) -> None:
    text = caller_scenario(conduct, "7", tmp_path)
    ET.fromstring(text.encode())
    assert "@round@" not in text
    assert ('message="pressed 7[call_number]' in text) is conduct.press
    ET.fromstring((SCENARIOS / "operator.xml").read_bytes())


def test_the_benchmarks_flows_pass_the_checker() -> None:
    texts = {path.name: path.read_text() for path in (HERE / "flows").glob("*.yaml")}
    assert SITE in texts
    assert not [str(problem) for problem in check(texts, None).problems]


def test_the_rivals_phones_have_the_settings_of_ramals() -> None:
    values = stage.rival_values(["20001"], 6000)
    ours = Phone("20001", "unused-password", "udp").endpoint()
    lines = values["rival_phones"].splitlines()
    for name, value in ours.items():
        assert (f"{name} = {value}" in lines) is (name != "auth")
    assert "member => PJSIP/20001" in values["rival_members"]


def test_the_overlay_leaves_ramals_templates_alone_and_adds_the_rival(tmp_path: Path) -> None:
    folder = stage.overlay(tmp_path / "templates")
    for name in stage.OVERLAID:
        ours = (DIALPLAN / name).read_text()
        assert (folder / name).read_text() == ours + (HERE / "rival" / name).read_text()
    names = set(render_places(folder))
    render_folder(folder, tmp_path / "conf", dict.fromkeys(names, "1"))
    assert "[rival]" in (tmp_path / "conf" / "queues.conf").read_text()


def render_places(folder: Path) -> list[str]:
    text = "".join(path.read_text() for path in folder.glob("*.conf"))
    return re.findall(r"@([a-z][a-z0-9_]*)@", text)


def test_reads_cpu_and_memory_of_a_process(tmp_path: Path) -> None:
    (tmp_path / "42").mkdir()
    fields = " ".join(["S", *["0"] * 10, "250", "50", *["0"] * 30])
    (tmp_path / "42" / "stat").write_text(f"42 (odd ) name) {fields}")
    (tmp_path / "42" / "status").write_text("Name:\tx\nVmRSS:\t  2048 kB\n")
    assert cpu_s(42, tmp_path) == pytest.approx(300 / TICKS_PER_S)
    assert rss_bytes(42, tmp_path) == 2048 * 1024


def test_ratios_are_of_neighbouring_rounds() -> None:
    pairs = [
        (a_round("ramal", 10, 2), a_round("queue", 12)),
        (a_round("ramal", 30, 6), a_round("queue", 24)),
        (a_round("ramal", 11, 1), a_round("queue", 10)),
    ]
    assert figures.cpu_ratio(pairs) == figures.Spread(1.2, 1.0, 1.5)
    found = {figure.name: figure for figure in figures.plain_figures(pairs, 300)}
    assert found["CPU per call, 300 operators"].met
    assert not found["app share of the CPU"].met
    assert [figure.must for figure in figures.plain_figures(pairs, 1000)] == [0.9]


def test_more_calls_per_second_are_better() -> None:
    assert figures.rate_figure([(85.0, 100.0)]).met
    assert not figures.rate_figure([(80.0, 100.0)]).met


def test_the_table_and_the_picture_show_every_figure() -> None:
    lines = [figures.memory_figure(12_000), figures.rate_figure([(80.0, 100.0)])]
    table = report.table(lines)
    assert "| memory per waiting call (app) | 12.00 (12.00 to 12.00) kB | ≤ 30 | 10 | met |" in table
    assert "≥ 0.85" in table
    picture = ET.fromstring(report.plot(lines))
    assert len(picture.findall("{http://www.w3.org/2000/svg}circle")) == 2


def test_the_page_holds_every_round() -> None:
    ours, theirs = a_round("ramal", 10, 2), a_round("queue", 12)
    content = [
        {
            "operators": 300,
            "plain": [report.summary(ours), report.summary(theirs)],
            "recorded": [],
            "passed_per_s": [(110.0, 130.0)],
        }
    ]
    page = report.page(figures.plain_figures([(ours, theirs)], 300), content, 1)
    assert "| ramal | 100 of 100 | 10.0 | 2.0 | 6.0 / 6.0 | 5.0 / 5.0 |" in page
    assert "Ramal 110, `Queue()` 130 calls per second" in page
