"""Where finished recordings are kept: a local folder, or a store that speaks S3; one interface (M7)."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from ari_app.ports import StoreAway

PATIENCE_S = 20.0
_S3 = "s3://"


class StoreUnreachable(StoreAway):
    """The store did not do it: away, full, or it refuses us."""


class Vault:
    """Whole files under keys such as `default/2026/11/23/<id>.flac`. Raises `StoreUnreachable`."""

    def __init__(self, store: Any, *, name: str, local: Path | None = None) -> None:
        """`name` is what manifests call it: a URL without secrets."""
        self._store = store
        self.name = name
        self.local = local

    async def put(self, key: str, source: Path | bytes) -> None:
        """Store a file; the key appears when it is whole."""
        try:
            await obstore.put_async(self._store, key, source)
            if self.local is not None:
                path = self.local / key
                await asyncio.to_thread(_sync, path, path.parent)
        except (BaseError, OSError) as error:
            raise StoreUnreachable(_told(error)) from error

    async def keep(self, key: str, part: Path, beside: tuple[str, bytes]) -> None:
        """Store a file that is on disk already, then its manifest (`beside`); `part` may be gone afterwards.

        In a folder on the same disk the file only gets another name, and one thread does it all.
        """
        if self.local is None or not await asyncio.to_thread(self._move, self.local, key, part, beside):
            await self.put(key, part)
            await self.put(*beside)

    def _move(self, root: Path, key: str, part: Path, beside: tuple[str, bytes]) -> bool:
        """False: it lies on another disk."""
        target, (name, content) = root / key, beside
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                part.replace(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                return False
            _write(root / name, content)
            _sync(target.parent)
        except OSError as error:
            raise StoreUnreachable(_told(error)) from error
        return True

    async def size(self, key: str) -> int | None:
        """None: there is no such file, or it leads out of the folder."""
        if not await asyncio.to_thread(self._within, key):
            return None
        try:
            return int((await obstore.head_async(self._store, key))["size"])
        except (NotFoundError, FileNotFoundError, NotADirectoryError):
            return None
        except (BaseError, OSError, ValueError) as error:
            raise StoreUnreachable(_told(error)) from error

    async def get(self, key: str) -> bytes | None:
        """A small file whole; None: there is none."""
        try:
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise StoreUnreachable(_told(error)) from error

    def fetch(self, key: str, start: int, stop: int) -> bytes:
        """Bytes from `start` up to, not including, `stop`; blocks: for a thread."""
        if start >= stop or not self._within(key):
            return b""
        try:
            return bytes(obstore.get_range(self._store, key, start=start, end=stop))
        except (BaseError, OSError, ValueError) as error:
            raise StoreUnreachable(_told(error)) from error

    def _within(self, key: str) -> bool:
        """A link in a local folder must not lead out of it; in other stores there are none."""
        if self.local is None:
            return True
        try:
            return (self.local / key).resolve().is_relative_to(self.local.resolve())
        except (OSError, ValueError):
            return False

    async def delete(self, key: str) -> None:
        """One that is gone is no error."""
        try:
            if self.local is not None:
                await asyncio.to_thread(_staged(self.local / key).unlink, missing_ok=True)
            await obstore.delete_async(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise StoreUnreachable(_told(error)) from error

    async def keys(self, prefix: str) -> AsyncIterator[tuple[str, int]]:
        """Keys below a prefix, with sizes."""
        try:
            async for page in obstore.list(self._store, prefix=prefix):
                for item in page:
                    yield item["path"], int(item["size"])
        except (BaseError, OSError) as error:
            raise StoreUnreachable(_told(error)) from error


def open_vault(place: str, folder: Path, s3: Mapping[str, str]) -> Vault:
    """`place` empty: in `folder`; a path: there; `s3://bucket/prefix`: there, by the options of `s3`."""
    if place.startswith(_S3):
        bucket, _, prefix = place.removeprefix(_S3).partition("/")
        options: Any = {name: value for name, value in s3.items() if value}
        plain = options.get("endpoint", "").startswith("http://")
        client: Any = {"allow_http": plain, "timeout": f"{PATIENCE_S:g}s", "connect_timeout": "5s"}
        retry: Any = {"max_retries": 2}
        store = S3Store(
            bucket, prefix=prefix or None, config=options, client_options=client, retry_config=retry
        )
        return Vault(store, name=_s3_name(bucket, prefix, options.get("endpoint", "")))
    root = (Path(place) if place else folder).absolute()
    return Vault(LocalStore(root, mkdir=True, automatic_cleanup=True), name=root.as_uri(), local=root)


def _s3_name(bucket: str, prefix: str, endpoint: str) -> str:
    """Bucket and prefix, and whose they are where it is not Amazon; a password in the address is left out."""
    at = urlsplit(endpoint)
    server = f"?endpoint={at.scheme}://{at.netloc.rpartition('@')[2]}" if endpoint else ""
    return f"{_S3}{bucket}{'/' if prefix else ''}{prefix.rstrip('/')}{server}"


def _staged(path: Path) -> Path:
    """What a file is called until it is whole: a name that no listing tells."""
    return path.with_name(f"{path.name}#1")


def _write(path: Path, content: bytes) -> None:
    """A small file, on disk before its name appears."""
    staged = _staged(path)
    with staged.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)


def _sync(*paths: Path) -> None:
    """On disk; a folder with the names in it."""
    for target in paths:
        handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
