"""The FastAGI server against an honest Asterisk and against attacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ari_app.asterisk.agi import AgiLimits, AgiRefused, AgiRequest, AgiServer, AgiSession, CallerGone
from ari_app.asterisk.agi.protocol import build_request, command, parse_reply, sound_name
from pbx.patience import PATIENCE_S

HEADER = (
    "agi_network: yes\nagi_network_script: code/sign_in?operator=1001&x=a%20b\n"
    "agi_request: agi://127.0.0.1:4573/code/sign_in?operator=1001&x=a%20b\nagi_channel: PJSIP/1001-00000001\n"
    "agi_language: pt-BR\nagi_type: PJSIP\nagi_uniqueid: 1700000000.1\nagi_version: 22.10.1\n"
    "agi_callerid: 1001\nagi_calleridname: unknown\nagi_context: from-operator\nagi_extension: *11\n"
    "agi_priority: 2\nagi_enhanced: 0.0\nagi_accountcode: \nagi_threadid: 1\n"
)
LIMITS = AgiLimits(sessions=4, header_s=PATIENCE_S, command_s=PATIENCE_S, session_s=PATIENCE_S)
ATTACKED = AgiLimits(sessions=4, header_s=2.0, command_s=PATIENCE_S, session_s=PATIENCE_S)
SHORT = AgiLimits(sessions=4, header_s=PATIENCE_S, command_s=0.3, session_s=0.6)
Script = Callable[[AgiRequest, AgiSession], Awaitable[None]]


async def ignore(_request: AgiRequest, _session: AgiSession) -> None:
    return None


@asynccontextmanager
async def serving(handler: Script, limits: AgiLimits = LIMITS) -> AsyncIterator[AgiServer]:
    server = AgiServer(handler, "127.0.0.1", 0, limits)
    task = asyncio.create_task(server.run())
    await asyncio.wait_for(server.ready.wait(), PATIENCE_S)
    yield server
    server.close()
    await asyncio.wait_for(task, PATIENCE_S)


class Peer:
    """The other side of the line, speaking bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def call(cls, server: AgiServer, first: bytes = b"") -> Peer:
        peer = cls(*await asyncio.open_connection("127.0.0.1", server.port))
        peer.writer.write(first)
        return peer

    async def expect(self, line: str, *replies: str) -> None:
        got = await asyncio.wait_for(self.reader.readuntil(b"\n"), PATIENCE_S)
        assert got.decode() == line + "\n"
        self.writer.write("".join(reply + "\n" for reply in replies).encode())

    async def is_closed(self) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE_S) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.writer.close()


@asynccontextmanager
async def calling(server: AgiServer, first: bytes) -> AsyncIterator[Peer]:
    peer = await Peer.call(server, first)
    yield peer
    peer.close()


async def test_a_dialogue_runs_from_answer_to_hangup() -> None:
    heard: list[object] = []

    async def handler(request: AgiRequest, session: AgiSession) -> None:
        heard.append(request)
        await session.answer()
        heard.append(await session.get_data("ramal/pin", 5, 4))
        heard.append(await session.stream_file("ramal/hello", "#"))
        heard.append(await session.get_variable("X"))
        await session.set_variable("RESULT", 'say "yes" \\ now')
        await session.verbose("done")
        await session.hangup()

    async with serving(handler) as server, calling(server, (HEADER + "\n").encode()) as peer:
        await peer.expect("ANSWER", "200 result=0")
        await peer.expect(
            'GET DATA "ramal/pin" "5000" "4"', "100 result=0 Trying...", "200 result=12 (timeout)"
        )
        await peer.expect('STREAM FILE "ramal/hello" "#"', "200 result=35 endpos=800")
        await peer.expect('GET VARIABLE "X"', "200 result=1 (some (nested) value)")
        await peer.expect('SET VARIABLE "RESULT" "say \\"yes\\" \\\\ now"', "200 result=1")
        await peer.expect('VERBOSE "done" "1"', "200 result=1")
        await peer.expect("HANGUP", "200 result=1")
        assert await peer.is_closed()
    request = heard[0]
    assert isinstance(request, AgiRequest)
    assert (request.path, request.query) == ("code/sign_in", {"operator": "1001", "x": "a b"})
    assert (request.caller_number, request.caller_name) == ("1001", "")
    assert (request.channel, request.extension) == ("PJSIP/1001-00000001", "*11")
    assert heard[1:] == ["12", "#", "some (nested) value"]


async def test_hangup_in_between_is_never_taken_for_a_reply() -> None:
    ended: list[str] = []

    async def handler(_request: AgiRequest, session: AgiSession) -> None:
        await session.answer()
        try:
            await session.stream_file("ramal/hello")
        except CallerGone:
            ended.append("stream")
        try:
            await session.set_variable("A", "1")
        except CallerGone:
            ended.append("set")

    async with serving(handler) as server, calling(server, (HEADER + "\n").encode()) as peer:
        await peer.expect("ANSWER", "200 result=0")
        await peer.expect('STREAM FILE "ramal/hello" ""', "HANGUP", "200 result=-1 endpos=0")
        assert await peer.is_closed()
        assert ended == ["stream", "set"]


@pytest.mark.parametrize("reply", ["511 Command Not Permitted on a dead channel or intercept routine", None])
async def test_a_dead_channel_ends_the_dialogue(reply: str | None) -> None:
    ended: list[str] = []

    async def handler(_request: AgiRequest, session: AgiSession) -> None:
        try:
            await session.answer()
        except CallerGone:
            ended.append("gone")

    async with serving(handler) as server, calling(server, (HEADER + "\n").encode()) as peer:
        if reply is None:
            await peer.reader.readuntil(b"\n")
            peer.close()
        else:
            await peer.expect("ANSWER", reply)
        await until_idle(server)
        assert ended == ["gone"]


async def until_idle(server: AgiServer) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while server.sessions:
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(b"", id="silence (slow loris)"),
        pytest.param(b"agi_network: yes\n", id="header without end"),
        pytest.param(b"\n", id="empty header"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", id="a browser"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\xff\xfe\x00\n\n", id="TLS hello"),
        pytest.param(b"agi_x: " + b"a" * 100_000 + b"\n\n", id="a huge line"),
        pytest.param(b"a" * 1_000_000, id="a line without end"),
        pytest.param(b"".join(b"agi_x%d: y\n" % n for n in range(1000)) + b"\n", id="too many lines"),
        pytest.param(b"agi_x: \xff\xff\n\n", id="not UTF-8"),
        pytest.param(b"agi_x: a\x00b\n\n", id="NUL"),
        pytest.param(b"agi_x y\n\n", id="no colon"),
        pytest.param(b"agi_network_script: x\nagi_channel: c\n\n", id="no uniqueid"),
        pytest.param(b"agi_network_script: //[x\nagi_channel: c\nagi_uniqueid: 1\n\n", id="a broken address"),
    ],
)
async def test_an_attack_is_refused_and_others_are_served(attack: bytes) -> None:
    called: list[str] = []

    async def handler(request: AgiRequest, _session: AgiSession) -> None:
        called.append(request.path)

    async with serving(handler, ATTACKED) as server, calling(server, attack) as attacker:
        async with calling(server, (HEADER + "\n").encode()) as honest:
            assert await honest.is_closed()
        assert called == ["code/sign_in"]
        assert await attacker.is_closed()
        await until_idle(server)
        assert server.refused == 1


async def test_end_of_file_before_the_blank_line_ends_only_that_call() -> None:
    async with serving(ignore) as server:
        peer = await Peer.call(server, b"agi_network: yes\n")
        peer.close()
        await until_idle(server)
        async with calling(server, (HEADER + "\n").encode()) as honest:
            assert await honest.is_closed()


@pytest.mark.parametrize(
    "reply",
    [
        "nonsense",
        "x" * 5000,
        "\x01\x02",
        "100 result=0 Trying...\n" * 60,
        "520-Invalid syntax\n" + "usage\n" * 60,
    ],
)
async def test_a_reply_that_is_none_ends_the_dialogue(reply: str) -> None:
    async def handler(_request: AgiRequest, session: AgiSession) -> None:
        await session.answer()

    async with serving(handler) as server, calling(server, (HEADER + "\n").encode()) as peer:
        await peer.expect("ANSWER", reply)
        assert await peer.is_closed()
        await until_idle(server)
        assert server.refused == 1


async def test_a_command_without_reply_and_a_dialogue_without_end_are_cut() -> None:
    async def endless(_request: AgiRequest, session: AgiSession) -> None:
        await asyncio.Event().wait()

    async def waiting(_request: AgiRequest, session: AgiSession) -> None:
        await session.answer()

    for handler in (endless, waiting):
        async with serving(handler, SHORT) as server, calling(server, (HEADER + "\n").encode()) as peer:
            await until_idle_after_start(server)
            assert server.refused == 1
            peer.close()


async def until_idle_after_start(server: AgiServer) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while server.refused == 0:
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.005)


async def test_too_many_dialogues_are_refused_not_queued() -> None:
    go = asyncio.Event()

    async def handler(_request: AgiRequest, _session: AgiSession) -> None:
        await go.wait()

    async with serving(handler) as server:
        peers = [await Peer.call(server, (HEADER + "\n").encode()) for _ in range(4)]
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while server.sessions < 4:
            assert asyncio.get_running_loop().time() < end
            await asyncio.sleep(0.005)
        fifth = await Peer.call(server)
        assert await fifth.is_closed()
        assert server.refused == 1
        go.set()
        for peer in (*peers, fifth):
            peer.close()


async def test_a_handler_that_fails_ends_its_call_only() -> None:
    async def handler(_request: AgiRequest, _session: AgiSession) -> None:
        raise RuntimeError("bug")

    async with serving(handler) as server:
        for _ in range(2):
            async with calling(server, (HEADER + "\n").encode()) as peer:
                assert await peer.is_closed()


@pytest.mark.parametrize("value", ["a\nHANGUP", "a\rb", "a\x00b", "x" * 3000])
def test_an_argument_cannot_end_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="SET VARIABLE"):
        command("SET VARIABLE", ("A", value))


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a//b", "/abs", "a b", "http://x/y", "${X}", "a\n"])
def test_a_sound_is_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a sound"):
        sound_name(name)


def test_replies_are_read_as_they_come() -> None:
    assert parse_reply("200 result=") is not None
    reply = parse_reply("200 result= (timeout)")
    assert reply is not None
    assert (reply.result, reply.note, reply.failed) == ("", "timeout", False)
    assert parse_reply("usage text") is None


def test_a_request_needs_script_and_channel() -> None:
    with pytest.raises(AgiRefused, match="agi_channel"):
        build_request({"network_script": "x", "uniqueid": "1"})
