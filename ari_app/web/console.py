"""Serves the built console: files with a hash in their name for ever, the page itself never from a cache."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from ari_app.web.problems import problem_response

_FOREVER = "public, max-age=31536000, immutable"


def add_console(app: web.Application, folder: Path) -> None:
    """Serve `folder`; paths that are no file are pages of the console itself, so `index.html` answers them.

    Files beside which a `.br` or `.gz` lies are sent compressed. Call it after all other routes.
    """
    root = folder.resolve()

    async def serve(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path == "api" or path.startswith("api/"):
            return problem_response(404)
        found = await asyncio.to_thread(_file, root, path)
        if found is None:
            return problem_response(404)
        cached = _FOREVER if path.startswith("assets/") else "no-cache"
        return web.FileResponse(found, headers={"Cache-Control": cached})

    app.router.add_get("/{path:.*}", serve)


def _file(root: Path, path: str) -> Path | None:
    """The file of a path, never outside the folder and never hidden; a page's path gives `index.html`."""
    if "\x00" in path or any(part.startswith(".") for part in path.split("/")):
        return None
    candidate = (root / path).resolve()
    if not candidate.is_relative_to(root):
        return None
    if candidate.is_file():
        return candidate
    index = root / "index.html"
    is_page = "." not in candidate.name or candidate == root
    return index if is_page and index.is_file() else None
