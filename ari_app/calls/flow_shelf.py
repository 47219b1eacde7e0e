"""The flows that are live: from files that admins edit and versions that they publish, checked either way.

The shelf holds one immutable `FlowBook`; a change makes a new one, so that calls in progress end on the
versions they began with. Whatever does not pass the checker changes nothing. `admit` runs in a thread,
because a large directory takes seconds; changes are made one after the other, those in files first.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from ari_app.calls.flow_folder import FlowFolder
from ari_app.calls.flow_listing import flow_rows, version_rows
from ari_app.calls.flow_store import FlowStore, Publication, Stamp
from ari_app.flow.admission import SITE, Admitted, admit, check
from ari_app.flow.book import FlowBook
from ari_app.flow.check import Checked, Prompts
from ari_app.flow.parse import parse_flow, version_of
from ari_app.flow.problems import Mark, Problem, Problems
from ari_app.flow.retire import retirable
from ari_app.model.ids import FlowId, FlowVersion
from ari_app.ports import FlowRefused, IllegalTransition, NotFound, Overtaken

SITE_ID = FlowId("site")
"""Under this name the site file is published, versioned and rolled back as flows are."""
KEEP_VERSIONS = 20
POLL_S = 1.0


def _flow_of(file: str) -> FlowId:
    return FlowId(file.removesuffix(".yaml"))


def _still_used(file: str, flow: FlowId, users: list[str]) -> Problem:
    message = f"the file is gone, but the flow stays live: {', '.join(users)} lead to it"
    hint = f"put the file back, or let them lead elsewhere and `{flow}` is retired"
    return Problem("warning", "file-gone", message, file, Mark(), "", hint)


class FlowShelf:
    """Implements `ports.FlowOffice`. `folder` has the admins' files, `state` is ours, `now` the clock."""

    def __init__(
        self, folder: Path, state: Path, sounds: Path, now: Callable[[], float], own: Path | None = None
    ) -> None:
        """`own` is the folder of the admins' prompts."""
        self._folder = FlowFolder(folder, sounds, own)
        self._store = FlowStore(state)
        self._now = now
        self._log_stamps: dict[FlowId, Stamp] = {}
        self._live: dict[str, str] = {}
        """The texts that calls are served by, by file name, the site's among them."""
        self._refused: dict[str, list[Problem]] = {}
        self._missing: frozenset[str] = frozenset()
        """Files of live flows that were gone when last looked at."""
        self._needed: dict[str, list[Problem]] = {}
        """Why flows whose files are gone stay live."""
        self._changing = asyncio.Lock()
        self.book = FlowBook()

    @property
    def prompts_everywhere(self) -> frozenset[str]:
        """The prompts that every language has."""
        first, *others = self._folder.prompts.values() or (frozenset[str](),)
        return first.intersection(*others)

    @property
    def site_version(self) -> FlowVersion | None:
        """The version of the site file that is live."""
        return version_of(self._live[SITE]) if SITE in self._live else None

    @property
    def healthy(self) -> bool:
        """Whether every file that an admin wrote is live."""
        return not self._refused

    @property
    def problems(self) -> list[Problem]:
        """Why files were not taken over, and why flows without a file stay."""
        return [problem for found in (*self._refused.values(), *self._needed.values()) for problem in found]

    # --- files ---------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read everything: what was live before, then the files that were edited since."""
        self.restore()
        edits = self._edits()
        if edits is not None:
            self._take(admit(self._live, edits, self._folder.prompts), edits)

    def restore(self) -> None:
        """Read what was live before, and the earlier versions that calls may still need."""
        self._published()
        site = self._first_site() if SITE not in self._live else None
        if site is not None:
            self._live[SITE] = site
        self._serve({}, check(self._live, self._folder.prompts))
        for flow in self._flows():
            versions = dict.fromkeys(entry.version for entry in reversed(self._store.log(flow).publications))
            self.ensure((flow, version) for version in list(versions)[:KEEP_VERSIONS])

    async def watch(self) -> None:
        """Take over edited files for ever; run this in the application's task group."""
        while True:
            await asyncio.sleep(POLL_S)
            await self.refresh()

    async def refresh(self) -> bool:
        """Take over what changed in the admins' files; True when anything did."""
        async with self._changing:
            if self._published():
                self._serve({}, await asyncio.to_thread(check, dict(self._live), self._folder.prompts))
            retired = self._retire_missing()
            return await self._take_edits() or retired

    async def _take_edits(self) -> bool:
        edits = self._edits()
        if edits is None:
            return False
        try:
            admitted = await asyncio.to_thread(admit, dict(self._live), edits, self._folder.prompts)
        except BaseException:
            self._folder.forget()  # whoever asked gave up: the next one finds the same edits
            raise
        self._take(admitted, edits)
        return True

    def ensure(self, needed: Iterable[tuple[FlowId, FlowVersion]]) -> None:
        """Put earlier versions into the book for calls that began with them."""
        for flow, version in needed:
            text = self._store.text(flow, version) if self.book.flow(flow, version) is None else None
            parsed = parse_flow(text, f"{flow}.yaml", Problems(flow)) if text is not None else None
            if parsed is not None:
                self.book = self.book.with_flow(parsed, live=False)

    def _published(self) -> bool:
        """Take the texts that were published last, also by another process; True when one is new."""
        found: dict[str, str] = {}
        stamps = self._store.stamps()
        changed = [flow for flow, stamp in stamps.items() if self._log_stamps.get(flow) != stamp]
        self._log_stamps = stamps
        for flow in changed:
            log = self._store.log(flow)
            current, file = log.current, f"{flow}.yaml"
            if log.publications and current is None:
                self._drop(flow)
            if current is None or (file in self._live and version_of(self._live[file]) == current):
                continue
            text = self._store.text(flow, current)
            if text is not None:
                found[file] = text
        self._live |= found
        return bool(found)

    def _edits(self) -> dict[str, str] | None:
        """The texts of files edited since they were last seen; None when no file was touched."""
        names = self._folder.touched()
        if names is None:
            return None
        edits: dict[str, str] = {}
        for name in names:
            text = self._folder.text(name)
            if text is not None and self._store.log(_flow_of(name)).seen != version_of(text):
                edits[name] = text
        return edits

    # --- taking out of service -----------------------------------------------------------------------------

    def _retire_missing(self) -> bool:
        """Retire live flows whose own file was deleted; True when one went.

        A file must be gone twice in a row, because editors replace files; a folder that cannot be seen, or
        is empty, has lost its mount and not its flows.
        """
        files = self._folder.files().keys()
        missing = (
            {name for name in self._live.keys() - files - {SITE} if self._had_file(name)} if files else set()
        )
        gone, self._missing = missing & self._missing, frozenset(missing)
        going, used = retirable(self.book, {_flow_of(name) for name in gone})
        self._needed = {
            f"{flow}.yaml": [_still_used(f"{flow}.yaml", flow, users)] for flow, users in used.items()
        }
        for flow in going:
            self._retire(flow, "file", forget_file=True)
        return bool(going)

    def _had_file(self, name: str) -> bool:
        return self._store.log(_flow_of(name)).seen != ""

    def _retire(self, flow: FlowId, by: str, *, forget_file: bool) -> None:
        version = self.book.current[flow]
        self._store.retire(flow, Publication(version, self._now(), by, "retire"), forget_file=forget_file)
        self._drop(flow)

    def _drop(self, flow: FlowId) -> None:
        """No new call comes in by this flow; its versions stay for those in progress."""
        self._live.pop(f"{flow}.yaml", None)
        self.book = self.book.without_flow(flow)

    def _flows(self) -> list[FlowId]:
        """The flows that were ever published: the site file, kept beside them, is none."""
        return [flow for flow in self._store.flows() if flow != SITE_ID]

    def _first_site(self) -> str | None:
        """The admin's own site file, when nothing was taken over yet and it is sound."""
        text = self._folder.text(SITE)
        return text if text is not None and check({SITE: text}, None).site is not None else None

    def _take(self, admitted: Admitted, edits: Mapping[str, str]) -> None:
        """Make admitted edits live and remember what was refused."""
        self._refused = {name: list(found) for name, found in admitted.refused.items() if name in edits}
        self._serve(admitted.taken, admitted.checked)
        for name, text in admitted.taken.items():
            version = version_of(text)
            flow = _flow_of(name)
            self._store.add(flow, text, Publication(version, self._now(), "file", "file"), seen=version)

    def _serve(self, taken: Mapping[str, str], checked: Checked) -> None:
        """Make a new book; what was live once stays live although the checker has learnt since."""
        self._live |= taken
        book = self.book.with_site(checked.site or self.book.site)
        for name, text in self._live.items():
            flow = checked.flows.get(_flow_of(name))
            if flow is None and name != SITE:
                flow = parse_flow(text, name, Problems(name))
            if flow is not None:
                book = book.with_flow(flow)
        self.book = book

    def prompts(self) -> Prompts:
        """Every prompt that flows may name, by language."""
        return self._folder.prompts

    # --- ports.FlowOffice ----------------------------------------------------------------------------------

    def flows(self) -> list[dict[str, Any]]:
        """The live flows, retired ones, and files that never went live."""
        problems: dict[FlowId, list[Problem]] = defaultdict(list)
        for found in (self._refused, self._needed):
            for file, of_file in found.items():
                problems[_flow_of(file)] += of_file
        refused = [_flow_of(file) for file in self._refused if file != SITE]
        known = {*self.book.current, *self._flows(), *refused}
        return flow_rows(self.book, self._store, known, problems)

    def versions(self, flow: str) -> list[dict[str, Any]] | None:
        """Every publication, newest first."""
        return version_rows(self._store.log(FlowId(flow)))

    def source(self, flow: str, version: str | None) -> str | None:
        """A version's text, or the live one's."""
        if version is None:
            return self._live.get(f"{flow}.yaml")
        return self._store.text(FlowId(flow), FlowVersion(version))

    def check(self, name: str, text: str) -> list[dict[str, Any]]:
        """Problems of a text as if it were published as flow `name`."""
        file = f"{name}.yaml"
        if file == SITE:  # what is wrong with it may show in the flows alone
            admitted = admit(self._live, {SITE: text}, self._folder.prompts)
            found = admitted.refused.get(SITE) or [p for p in admitted.checked.problems if p.file == SITE]
        else:
            checked = check(self._live | {file: text}, self._folder.prompts)
            found = [problem for problem in checked.problems if problem.file == file]
        return [problem.as_dict() for problem in found]

    async def draft(self, flow: str, text: str | None) -> FlowBook:
        """The live flows with a draft among them; nothing goes live. Raises `NotFound`, `FlowRefused`."""
        if text is None:
            if FlowId(flow) not in self.book.current:
                raise NotFound(f"flow `{flow[:60]}` is not live")
            return self.book
        file = f"{flow}.yaml"
        checked = await asyncio.to_thread(check, self._live | {file: text}, self._folder.prompts)
        drafted = checked.flows.get(FlowId(flow))
        if drafted is None:
            raise FlowRefused([problem.as_dict() for problem in checked.problems if problem.file == file])
        return self.book.with_flow(drafted)

    async def publish(self, flow: str, text: str, *, by: str, base: str | None = None) -> dict[str, Any]:
        """Make a text live; the admin's own file is left as it is, and edits made in it before are older."""
        async with self._changing:
            await self._take_edits()
            return await self._publish(flow, text, by, "publish", base)

    async def rollback(self, flow: str, version: str | None, *, by: str) -> dict[str, Any]:
        """Make an earlier version live again."""
        async with self._changing:
            await self._take_edits()
            return await self._rollback(flow, version, by)

    async def _rollback(self, flow: str, version: str | None, by: str) -> dict[str, Any]:
        log = self._store.log(FlowId(flow))
        publications, current = log.publications, log.current
        wanted = version or next(
            (entry.version for entry in reversed(publications) if entry.version != current), None
        )
        known = wanted is not None and any(entry.version == wanted for entry in publications)
        text = self._store.text(FlowId(flow), FlowVersion(wanted)) if known and wanted else None
        if text is None:
            raise NotFound(f"flow `{flow[:60]}` has no {'earlier version' if not version else version[:60]}")
        return await self._publish(flow, text, by, "rollback")

    async def retire(self, flow: str, *, by: str) -> None:
        """Take a flow out of service; its versions are kept, and rolling back brings it back."""
        async with self._changing:
            await self._take_edits()
            self._take_out(FlowId(flow), by)

    def _take_out(self, flow: FlowId, by: str) -> None:
        if flow not in self.book.current:
            raise NotFound(f"flow `{flow[:60]}` is not live")
        _, used = retirable(self.book, [flow])
        if used:
            raise IllegalTransition(f"flow `{flow}` is in use: {', '.join(used[flow])}")
        self._retire(flow, by, forget_file=False)

    async def _publish(
        self, flow: str, text: str, by: str, action: Literal["publish", "rollback"], base: str | None = None
    ) -> dict[str, Any]:
        file = f"{flow}.yaml"
        admitted = await asyncio.to_thread(admit, dict(self._live), {file: text}, self._folder.prompts)
        if file not in admitted.taken:
            raise FlowRefused([problem.as_dict() for problem in admitted.refused[file]])
        current = self._store.log(FlowId(flow)).current
        if base is not None and base != current:
            raise Overtaken(f"flow `{flow[:60]}`: version {current} was published meanwhile")
        version = version_of(text)
        self._store.add(FlowId(flow), text, Publication(version, self._now(), by, action))
        self._serve(admitted.taken, admitted.checked)
        self._refused.pop(file, None)
        return {"id": flow, "version": version, "published_by": by, "action": action}
