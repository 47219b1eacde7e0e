"""The words of FastAGI: a request's header in, a command out, a reply in. No sockets here.

Source: "Asterisk Gateway Interface (AGI)" in Asterisk's documentation and res/res_agi.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST_LINE = 2048
_HEADER = re.compile(r"agi_([a-z0-9_]{1,40}): ?(.*)")
_REPLY = re.compile(r"(\d{3})(?:[ -](.*))?")
_RESULT = re.compile(r"result=(\S*)(?: \((.*)\))?")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SOUND = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_NOTHING = ("", "unknown")


class AgiRefused(Exception):  # noqa: N818 - names what was done, as the others here
    """The other side does not speak AGI, or not within the limits; the connection is closed."""


class CallerGone(Exception):  # noqa: N818 - not an error: the ordinary end of a dialogue
    """The caller hung up, or Asterisk closed the connection: nothing more can be asked."""


@dataclass(frozen=True, slots=True)
class AgiRequest:
    """One `AGI(agi://host/path?query)` of the dialplan.

    `path` is without its first slash; `query` holds the last value of each name; `caller_number` and
    `caller_name` are empty where unknown and, as ever, chosen by the caller.
    """

    path: str
    query: Mapping[str, str]
    channel: str
    unique_id: str
    caller_number: str
    caller_name: str
    context: str
    extension: str
    language: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """Asterisk's answer: `result` after `result=`, `note` in parentheses behind it (`timeout`, a value)."""

    code: int
    result: str
    note: str

    @property
    def failed(self) -> bool:
        """Whether the command did not work: unknown, dead channel, or result -1."""
        return self.code != 200 or self.result == "-1"


def decode_line(raw: bytes) -> str:
    """A line without its end; raises AgiRefused where it is not text."""
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise AgiRefused(f"a line is not UTF-8: {raw[:40]!r}") from error
    if _CONTROL.search(text):
        raise AgiRefused(f"a line holds control characters: {text[:40]!r}")
    return text


def header_line(text: str) -> tuple[str, str]:
    """Name (without `agi_`) and value of a header line; raises AgiRefused."""
    found = _HEADER.fullmatch(text)
    if found is None:
        raise AgiRefused(f"not a header of AGI: {text[:60]!r}")
    return found[1], found[2]


def build_request(headers: Mapping[str, str]) -> AgiRequest:
    """The request that the header lines describe; raises AgiRefused without a script or channel."""
    for needed in ("network_script", "channel", "uniqueid"):
        if not headers.get(needed):
            raise AgiRefused(f"agi_{needed} is missing")
    try:
        url = urlsplit(headers["network_script"])
        query = parse_qs(url.query, keep_blank_values=True, max_num_fields=32)
    except ValueError as error:
        raise AgiRefused(f"agi_network_script: {error}") from error
    return AgiRequest(
        path=unquote(url.path).lstrip("/"),
        query={name: values[-1] for name, values in query.items()},
        channel=headers["channel"],
        unique_id=headers["uniqueid"],
        caller_number=_known(headers.get("callerid", "")),
        caller_name=_known(headers.get("calleridname", "")),
        context=headers.get("context", ""),
        extension=headers.get("extension", ""),
        language=headers.get("language", ""),
        variables=dict(headers),
    )


def command(words: str, arguments: Sequence[str] = ()) -> bytes:
    """A command line; raises ValueError for an argument that would end the line."""
    for argument in arguments:
        if _CONTROL.search(argument):
            raise ValueError(f"{words}: an argument holds a control character: {argument[:60]!r}")
    line = " ".join([words, *map(_quoted, arguments)]).encode()
    if len(line) >= LONGEST_LINE:
        raise ValueError(f"{words}: longer than {LONGEST_LINE} bytes")
    return line + b"\n"


def sound_name(name: str) -> str:
    """The name as it is, or ValueError: a name with `..` or `:` could reach any file."""
    if not _SOUND.fullmatch(name):
        raise ValueError(f"not the name of a sound: {name[:60]!r}")
    return name


def parse_reply(text: str) -> Reply | None:
    """A reply, or None for a line that is none of its own (usage text of a 520)."""
    found = _REPLY.fullmatch(text)
    if found is None:
        return None
    result = _RESULT.match(found[2] or "")
    if result is None:
        return Reply(int(found[1]), "", found[2] or "")
    return Reply(int(found[1]), result[1], result[2] or "")


def _quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _known(value: str) -> str:
    return "" if value in _NOTHING else value
