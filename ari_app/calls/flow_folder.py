"""The admins' folder of flows, and the prompts that flows may name: what is there, and what was edited."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ari_app.calls.catalogue import prompts_in
from ari_app.calls.flow_store import Stamp, names_in, stamp_of
from ari_app.flow.check import Prompts
from ari_app.model.ids import DEFAULT_CLIENT


def _is_flow(name: str) -> bool:
    return name.endswith(".yaml") and not name.endswith(".scenarios.yaml")


class FlowFolder:
    """Read only. `sounds` has the product's prompts, `own` the admins'."""

    def __init__(self, folder: Path, sounds: Path, own: Path | None) -> None:
        self._folder = folder
        self._sounds = sounds
        self._own = own
        self._stamps: dict[str, Stamp] = {}
        self.prompts: Prompts = prompts_in(sounds, own)
        """Every prompt that flows may name, by language."""

    def files(self) -> dict[str, Path]:
        """The files of flows, and the site's, by name."""
        return {name: self._folder / name for name in names_in(self._folder) if _is_flow(name)}

    def touched(self) -> list[str] | None:
        """The names of all files when any of them, or of the prompts, changed since last asked; else None."""
        files = [name for name in names_in(self._folder) if _is_flow(name)]
        paths = {name: f"{self._folder}/{name}" for name in files}
        sounds, own = self._sounds, f"{self._own}/{DEFAULT_CLIENT}"
        catalogues = {f"{name}/prompts": f"{sounds}/{name}/prompts.yaml" for name in names_in(sounds)}
        if self._own is not None:
            catalogues |= {f"own/{name}": f"{own}/{name}" for name in names_in(own)}
        stamps: dict[str, Stamp] = {}
        for name, path in (*paths.items(), *catalogues.items()):
            with contextlib.suppress(OSError):
                stamps[name] = stamp_of(path)
        if stamps == self._stamps:
            return None
        if any(stamps.get(name) != self._stamps.get(name) for name in catalogues):
            self.prompts = prompts_in(self._sounds, self._own)
        self._stamps = stamps
        return files

    def forget(self) -> None:
        """Everything counts as changed when next asked."""
        self._stamps = {}

    def text(self, name: str) -> str | None:
        """What a file holds; bytes that are no UTF-8 as surrogates, which the checker refuses."""
        try:
            return (self._folder / name).read_bytes().decode("utf-8-sig", "surrogateescape")
        except OSError:
            return None
