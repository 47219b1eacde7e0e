"""Headers that keep a browser from being used against its operator."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web


def content_policy(connect: Sequence[str] = ()) -> str:
    """The console's Content-Security-Policy; `connect`: further places, e.g. `wss://host:8089` for SIP.

    Scripts come from our own files only. Styles may be inline: the component library sets them at run time.
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": " ".join(["'self'", *connect]),
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def add_headers(app: web.Application, policy: str, *, tls: bool) -> None:
    """Have every response of an application carry them."""
    fixed = {
        "Content-Security-Policy": policy,
        "Server": "ramal",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    }
    if tls:
        fixed["Strict-Transport-Security"] = "max-age=31536000"

    async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(fixed)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")

    app.on_response_prepare.append(on_prepare)
