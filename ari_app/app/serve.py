"""`ramal serve`: everything up in the right order, and down again so that no call is harmed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import structlog
import uvloop
from sqlalchemy.exc import DatabaseError, OperationalError

from ari_app.app.front import build
from ari_app.app.only_one import AlreadyServed, only_one
from ari_app.app.state_folder import CannotServe, prepare, told_to_a_person
from ari_app.app.switchboard import Switchboard
from ari_app.asterisk.telephony import ReplacedError
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.clock import SystemClock
from ari_app.config import Settings
from ari_app.logs import configure_logs
from ari_app.lookups import HttpLookups
from ari_app.model.account import User
from ari_app.ports import AlreadyExists
from ari_app.storage.accounts import TokenStore, UserStore
from ari_app.storage.database import database_url, open_database
from ari_app.storage.journal import open_journal
from ari_app.storage.webhooks import WebhookStore
from ari_app.web.feed import open_feed
from ari_app.web.metrics import Metrics
from ari_app.web.server import serving
from ari_app.webhooks.courier import Courier
from ari_app.webhooks.post import Poster

log = structlog.get_logger()


ALREADY_SERVED = 3
"""Exit status: another application serves from this state folder."""
REPLACED = 4
"""Exit status: another application connected to the PBX under our name. Whoever starts us again would take
the PBX back, and be replaced in turn: do not (`RestartPreventExitStatus=3 4`)."""


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit status. Live talks go on without us."""
    configure_logs("json" if settings.log_format == "json" else "console")
    status = 0
    try:
        uvloop.run(_serve(settings))
    except* CannotServe as problem:
        status = _tell(problem, 1)
    except* AlreadyServed as problem:
        status = _tell(problem, ALREADY_SERVED)
    except* ReplacedError as problem:
        status = _tell(problem, REPLACED)
    return status


def _tell(problem: BaseExceptionGroup[Exception], status: int) -> int:
    """Say to the person who started us why this is the end; gives the exit status."""
    inner: BaseException = problem
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    print(f"ramal: {inner}", file=sys.stderr)  # noqa: T201 - to the person who started it
    return status


async def _serve(settings: Settings) -> None:
    prepare(settings.state, (settings.recordings, settings.prompts))
    with only_one(settings.state):
        await _serve_alone(settings)


async def _serve_alone(settings: Settings) -> None:
    clock = SystemClock(settings.state / "clock.json")
    shelf = FlowShelf(
        settings.callflows, settings.state / "flows", settings.sounds_dir, clock.now, settings.prompts
    )
    with told_to_a_person():
        await asyncio.to_thread(shelf.load)
    for problem in shelf.problems:
        log.warning("flow.problem", file=problem.file, line=problem.mark.line, message=problem.message)
    async with contextlib.AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(open_database(settings.database))
        except DatabaseError as error:
            raise CannotServe(_unusable(settings.database, error)) from error
        journal = await stack.enter_async_context(open_journal(database, clock))
        lookups = await stack.enter_async_context(
            HttpLookups(lambda: shelf.book.site.allowed_hosts, _secrets(settings.state / "secrets"))
        )
        with told_to_a_person():
            board = Switchboard(settings, database, journal, shelf, lookups, clock)
        await _first_accounts(board)
        feed = await stack.enter_async_context(open_feed(board.archive))
        journal.on_commit(feed.wake)
        metrics = Metrics()
        journal.on_facts(metrics.count)
        poster = await stack.enter_async_context(Poster())
        courier = Courier(
            book=WebhookStore(database, board.box), facts=board.archive, post=poster.post, clock=clock
        )
        journal.on_commit(courier.wake)
        board.beside["webhooks"] = courier.run
        app = build(board, feed, metrics, courier)
        try:
            await stack.enter_async_context(serving(app, settings.bind, settings.http_port))
        except OSError as error:
            where = f"{settings.bind}:{settings.http_port}"
            raise CannotServe(f"cannot listen on {where}: {error.strerror or error}") from error
        log.info("app.listening", address=settings.bind, port=settings.http_port)
        await _until_told(board)


async def _until_told(board: Switchboard) -> None:
    """Run the switchboard until a signal comes."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(board.run(), name="switchboard")
        await told.wait()
        log.info("app.stopping")
        await board.stop()
        running.cancel()


async def _first_accounts(board: Switchboard) -> None:
    """The admin's token and password that the set-up chose, where it chose any."""
    settings, now = board.settings, board.clock.now()
    if settings.admin_token:
        await TokenStore(board.database).issue("set-up", "admin", now=now, token=settings.admin_token)
    if settings.admin_password:
        users = UserStore(board.database, board.box, board.passwords)
        with contextlib.suppress(AlreadyExists):
            await users.insert(User("admin", "admin"), settings.admin_password, now=now)


def _secrets(folder: Path) -> Callable[[str], str | None]:
    """Secrets of look-ups are files of that name: never in a flow, never in the database."""

    def secret(name: str) -> str | None:
        path = folder / name
        return path.read_text(encoding="utf-8").strip() if path.is_file() else None

    return secret


def _unusable(database: str | Path, error: DatabaseError) -> str:
    """Why the database cannot be opened, and what to do; a URL is shown without its password."""
    where = database_url(database).render_as_string(hide_password=True)
    damaged = not isinstance(error, OperationalError)  # those are locks, rights, a full disk
    hint = ". `ramal restore` puts a backup in its place" if damaged else ""
    return f"the database {where} cannot be used: {error.orig}{hint}"
