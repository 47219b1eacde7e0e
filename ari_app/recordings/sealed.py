"""Encrypted files that can be read from anywhere: AES-256-GCM in pieces of 64 KiB (M7).

Piece `n` of the plain bytes lies at `n * (PIECE + TAG)`. Its nonce is its number and whether it is the last,
its associated data the recording's id: pieces that are missing, changed, moved or of another recording do not
open. Each file has a key of its own, so that no nonce is used twice with one key (NIST SP 800-38D, 8.2.1).
"""

from __future__ import annotations

import os
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 64 * 1024
TAG = 16
KEY_BYTES = 32
_AHEAD = 4
"""Pieces fetched at once when reading on."""
_KEPT = 16


class Damaged(Exception):  # noqa: N818 - what is wrong with a file, told to people
    """A file is not what its manifest says: cut, changed, swapped, or not of this key."""


def new_key() -> bytes:
    """A data key, for one file only."""
    return os.urandom(KEY_BYTES)


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">QI", number, int(last))


class SealedWriter:
    """A file object that coders write to. Only the first piece may be written again, until `close`.

    Coders of audio put their header right at the end; all else they write in order. No plain byte reaches the
    disk.
    """

    def __init__(self, sink: BinaryIO, key: bytes, ident: str) -> None:
        self._sink = sink
        self._cipher = AESGCM(key)
        self._ident = ident.encode()
        self._head = bytearray()
        self._tail = bytearray()
        self._number = 1
        """Of the piece that gathers in `_tail`."""
        self._at = 0
        self.size = 0
        """Plain bytes so far."""

    def write(self, data: bytes | bytearray | memoryview) -> int:
        view = memoryview(data).cast("B")
        begin, length = self._at, len(view)
        if begin < PIECE:
            into = view[: PIECE - begin]
            self._head[begin : begin + len(into)] = into
            view = view[len(into) :]
        elif begin != self.size:
            raise OSError("only the beginning of a sealed file can be written again")
        if len(view):
            self._append(view)
        self._at = begin + length
        self.size = max(self.size, self._at)
        return length

    def _append(self, view: memoryview) -> None:
        self._tail += view
        while len(self._tail) > PIECE:  # a full piece waits for more: it may be the last
            self._put(self._number, bytes(self._tail[:PIECE]), last=False)
            del self._tail[:PIECE]
            self._number += 1

    def _put(self, number: int, plain: bytes, *, last: bool) -> None:
        self._sink.seek(number * (PIECE + TAG))
        self._sink.write(self._cipher.encrypt(_nonce(number, last=last), plain, self._ident))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Coders ask whether it can be read; nothing is ever read back."""
        del size
        return b""

    def close(self) -> None:
        """Write what is left; the sink stays open. Raises `OSError`."""
        if self._tail:
            self._put(self._number, bytes(self._tail), last=True)
        self._put(0, bytes(self._head), last=not self._tail)
        self._sink.flush()
        os.fsync(self._sink.fileno())


class SealedReader:
    """A file object over a sealed file, wherever it is; pieces are fetched as they are needed."""

    def __init__(self, fetch: Callable[[int, int], bytes], stored_bytes: int, key: bytes, ident: str) -> None:
        """`fetch(start, stop)` gives those bytes of the stored file."""
        self._fetch = fetch
        self._stored = stored_bytes
        self._cipher = AESGCM(key)
        self._ident = ident.encode()
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        self._count = max(1, -(-stored_bytes // (PIECE + TAG)))
        self.size = stored_bytes - TAG * self._count
        if self.size < 0:
            raise Damaged("the file is too short to be a sealed one")
        self._at = 0

    def piece(self, number: int) -> bytes:
        """Plain bytes of a piece. Raises `Damaged`."""
        if number not in self._pieces:
            self._load(number)
        self._pieces.move_to_end(number)
        return self._pieces[number]

    def _load(self, number: int) -> None:
        until = min(self._count, number + _AHEAD)
        start, stop = number * (PIECE + TAG), min(until * (PIECE + TAG), self._stored)
        data = self._fetch(start, stop)
        if len(data) != stop - start:
            raise Damaged("the file is shorter than its manifest says")
        for place, which in enumerate(range(number, until)):
            sealed = data[place * (PIECE + TAG) : (place + 1) * (PIECE + TAG)]
            try:
                nonce = _nonce(which, last=which == self._count - 1)
                self._pieces[which] = self._cipher.decrypt(nonce, sealed, self._ident)
            except InvalidTag as error:
                raise Damaged(f"piece {which} was changed, or the key is not its own") from error
        while len(self._pieces) > _KEPT:
            self._pieces.popitem(last=False)

    def read(self, size: int = -1) -> bytes:
        """Raises `Damaged`."""
        stop = self.size if size < 0 else min(self.size, self._at + size)
        data = bytearray()
        while self._at < stop:
            number, offset = divmod(self._at, PIECE)
            part = self.piece(number)[offset : offset + stop - self._at]
            data += part
            self._at += len(part)
        return bytes(data)

    def readinto(self, buffer: bytearray | memoryview) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at
