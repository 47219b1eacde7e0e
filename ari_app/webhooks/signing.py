"""Signatures of webhooks as the Standard Webhooks specification has them (standardwebhooks.com, version 1).

Its libraries, which exist for most languages, verify what we send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A secret to share with one receiver: 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sign(secret: str, ident: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64 of the HMAC-SHA256 of id.timestamp.body>`; `timestamp` in seconds since the epoch.

    The receiver refuses what is older than some minutes, so that nothing can be sent to it again.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{ident}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
