"""One dialogue: commands to the caller's channel, each answered within a deadline."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from ari_app.asterisk.agi.protocol import (
    AgiRefused,
    CallerGone,
    Reply,
    command,
    decode_line,
    parse_reply,
    sound_name,
)

_MOST_LINES = 50
_ENDPOS = re.compile(r"endpos=([0-9]{1,12})")


class AgiSession:
    """What a handler can do to the channel. Every method raises CallerGone once the caller has hung up."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, deadline_s: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._deadline_s = deadline_s
        self._gone = False

    async def answer(self) -> None:
        """Takes the call."""
        await self._must("ANSWER")

    async def stream_file(self, name: str, escape_digits: str = "", *, longest_s: float = 120.0) -> str:
        """Plays a sound; gives the digit that cut it short, or nothing."""
        reply = await self._ask("STREAM FILE", (sound_name(name), escape_digits), longest_s)
        code = int(reply.result) if reply.result.isdecimal() else 0
        return chr(code) if reply.code == 200 and 0 < code < 128 else ""

    async def get_data(
        self, name: str, timeout_s: float, most_digits: int, *, longest_s: float = 120.0
    ) -> str:
        """Plays a sound and collects digits until `#`, the timeout between digits, or enough of them."""
        arguments = (sound_name(name), str(int(timeout_s * 1000)), str(most_digits))
        reply = await self._ask("GET DATA", arguments, longest_s + timeout_s * (most_digits + 1))
        digits = "" if reply.failed else reply.result
        return digits if all(digit in "0123456789*#ABCD" for digit in digits) else ""

    async def record_file(self, name: str, *, longest_s: float, silence_s: float) -> float:
        """Records what is said after a beep, until `#`, silence or the limit; gives the seconds kept."""
        limits = (str(int(longest_s * 1000)), "0", "beep", f"s={int(silence_s)}")
        arguments = (sound_name(name), "wav", "#", *limits)
        reply = await self._ask("RECORD FILE", arguments, longest_s + self._deadline_s)
        found = _ENDPOS.search(reply.note)
        return int(found.group(1)) / 8000 if found is not None and not reply.failed else 0.0

    async def set_variable(self, name: str, value: str) -> None:
        """Sets a channel variable for the dialplan to read afterwards."""
        await self._must("SET VARIABLE", (name, value))

    async def get_variable(self, name: str) -> str:
        """A channel variable or function; empty where it is not set."""
        reply = await self._ask("GET VARIABLE", (name,), self._deadline_s)
        return reply.note if reply.code == 200 and reply.result == "1" else ""

    async def verbose(self, message: str, level: int = 1) -> None:
        """Writes to Asterisk's own log."""
        await self._must("VERBOSE", (message, str(level)))

    async def hangup(self) -> None:
        """Ends the call."""
        await self._must("HANGUP")

    async def _must(self, words: str, arguments: Sequence[str] = ()) -> None:
        reply = await self._ask(words, arguments, self._deadline_s)
        if reply.code != 200:
            raise AgiRefused(f"{words}: Asterisk answers {reply.code} {reply.note}")

    async def _ask(self, words: str, arguments: Sequence[str], deadline_s: float) -> Reply:
        line = command(words, arguments)
        if self._gone:
            raise CallerGone
        try:
            async with asyncio.timeout(deadline_s):
                self._writer.write(line)
                await self._writer.drain()
                reply = await self._reply()
        except TimeoutError:
            raise AgiRefused(f"{words}: no reply in {deadline_s:g} s") from None
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self._gone = True
            raise CallerGone from error
        if self._gone or reply.code == 511:
            self._gone = True
            raise CallerGone
        return reply

    async def _reply(self) -> Reply:
        """The reply to the command just sent. `HANGUP` is news in between, never a reply."""
        usage = False
        for _ in range(_MOST_LINES):
            try:
                raw = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                raise AgiRefused("a reply is too long") from error
            text = decode_line(raw)
            if text.startswith("HANGUP"):
                self._gone = True
                continue
            reply = parse_reply(text)
            if reply is None and not usage:
                raise AgiRefused(f"not a reply of AGI: {text[:60]!r}")
            if text.startswith("520-"):
                usage = True
            elif reply is not None and reply.code != 100:
                return reply
        raise AgiRefused("a reply has too many lines")
