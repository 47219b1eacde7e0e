"""`ramal backup` and `ramal restore`: everything that a call centre is, in one file (X12).

A backup is taken while calls go on: SQLite copies a consistent state, the files are taken after it. It holds
the keys and so can read every recording and sign in anywhere: keep it as safe as the machine itself. A
restore checks every byte before anything is replaced, and moves what was there aside.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ari_app import config
from ari_app.app.only_one import AlreadyServed, only_one
from ari_app.cli.plain import plain_console
from ari_app.config import Settings
from ari_app.storage.database import database_url, known_revisions

out = plain_console()
FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "ramal.db"
CHUNK = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One file of a backup."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The first member of the archive: what else is in it."""

    format: int
    taken_at: float
    revision: str
    """Of the database's schema."""
    parts: tuple[Part, ...]


class BackupError(Exception):
    """It cannot be done; the text says why."""


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write, e.g. ramal-monday.tar.gz.")],
    recordings: Annotated[bool, typer.Option(help="The recordings folder, too.")] = False,
) -> None:
    """Write database, keys, flows and prompts into one archive, while calls go on."""
    _told(lambda: take(_settings(), file.absolute(), recordings=recordings))


def restore(
    file: Annotated[Path, typer.Argument(help="An archive of `ramal backup`.")],
) -> None:
    """Put a backup back; the application must be stopped. What was there is moved aside."""
    _told(lambda: put_back(_settings(), file.absolute()))


def take(settings: Settings, file: Path, *, recordings: bool = False) -> str:
    """Write the archive; gives what to say. Raises `BackupError`, `OSError`."""
    if not settings.state.is_dir():
        raise BackupError(f"{settings.state} does not exist: nothing to back up")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".ramal-backup-") as folder:
        copy = Path(folder) / DATABASE
        revision = _copy_database(settings, copy)
        found = dict(_files(settings, recordings=recordings)) | {DATABASE: copy}
        part = Path(folder) / "archive"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz") as archive:
                frozen = Path(folder) / "frozen"
                parts = tuple(_add(archive, name, path, frozen) for name, path in sorted(found.items()))
                manifest = Path(folder) / MANIFEST
                manifest.write_bytes(msgspec.json.encode(Manifest(FORMAT, time.time(), revision, parts)))
                archive.add(manifest, MANIFEST)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(file)
    return f"{file}: {len(parts)} files, {sum(each.size for each in parts):,} bytes, schema {revision}."


def put_back(settings: Settings, file: Path) -> str:
    """Check the archive, move aside what is there, lay out what it holds. Raises `BackupError`, `OSError`."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            only_one(settings.state),
            tempfile.TemporaryDirectory(dir=settings.state, prefix=".restore-") as folder,
        ):
            places = _places(settings)
            manifest = _unpacked(file, Path(folder), places)
            if manifest.revision not in known_revisions():
                raise BackupError(f"schema {manifest.revision} is newer than this software: upgrade it first")
            aside = settings.state / time.strftime("before-restore-%Y%m%d-%H%M%S", time.gmtime())
            for name in sorted({part.name.partition("/")[0] for part in manifest.parts}):
                _swap(Path(folder) / name, places[name], aside / name)
    except AlreadyServed as error:
        raise BackupError(str(error)) from error
    kept = f" What was there is in {aside}." if aside.exists() else ""
    return f"{len(manifest.parts)} files are back.{kept} Start the application: it brings the schema along."


def _settings() -> Settings:
    return config.read(os.environ)


def _told(do: Callable[[], str]) -> None:
    try:
        said = do()
    except (BackupError, config.ConfigError, OSError, sqlite3.Error, tarfile.TarError) as error:
        out.print(f"ramal: {error}", style="red")
        raise typer.Exit(1) from error
    out.print(said)


def _places(settings: Settings) -> Mapping[str, Path]:
    """Name in the archive → where it is."""
    state = settings.state
    names = ("secret.key", "flows", "secrets", "sip-bans.json", "toll.jsonl")
    return {
        DATABASE: _database(settings),
        "recordings.key": settings.recording_key,
        "callflows": settings.callflows,
        "prompts": settings.prompts,
        "recordings": settings.recordings,
        **{name: state / name for name in names},
    }


def _database(settings: Settings) -> Path:
    url = database_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupError("the database is PostgreSQL: its own tools (pg_dump, pg_basebackup) back it up")
    return Path(url.database)


def _copy_database(settings: Settings, copy: Path) -> str:
    """A consistent copy, taken while others write; gives the schema's revision."""
    source = sqlite3.connect(f"file:{_database(settings)}?mode=ro", uri=True, timeout=60)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
        return str(target.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    finally:
        target.close()
        source.close()


def _files(settings: Settings, *, recordings: bool) -> Iterator[tuple[str, Path]]:
    for name, place in _places(settings).items():
        if name == DATABASE or (name == "recordings" and not recordings):
            continue
        if place.is_file():
            yield name, place
        for path in sorted(place.rglob("*")) if place.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                yield f"{name}/{path.relative_to(place)}", path


def _add(archive: tarfile.TarFile, name: str, path: Path, frozen: Path) -> Part:
    """Add a file as it is now: one that is being written is copied first, so that sizes and sums agree."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, frozen.open("wb") as still:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            still.write(chunk)
            size += len(chunk)
    archive.add(frozen, name)
    return Part(name, size, digest.hexdigest())


def _unpacked(file: Path, folder: Path, known: Collection[str]) -> Manifest:
    """All files of the archive, checked one by one."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, EOFError, msgspec.MsgspecError, FileNotFoundError) as error:
        raise BackupError(f"{file} is no backup, or not a whole one: {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{file} is of format {manifest.format}, this software reads {FORMAT}")
    for part in manifest.parts:
        if part.name.partition("/")[0] not in known:
            raise BackupError(f"{file}: {part.name} is no part of a call centre")
        path = folder / part.name
        if not path.is_file() or _sum(path) != part.sha256:
            raise BackupError(f"{file}: {part.name} is damaged; nothing was changed")
    return manifest


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _swap(new: Path, place: Path, aside: Path) -> None:
    """The new one in its place, what was there aside; SQLite's side files go with their database."""
    for side in ("", "-wal", "-shm"):
        old = place.with_name(place.name + side)
        if old.exists() and (side == "" or place.suffix == ".db"):
            aside.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.move(old, aside.with_name(aside.name + side))
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.move(new, place)
