"""Secrets at rest: phone passwords encrypted, human passwords and PINs as argon2id, tokens as SHA-256.

Phone passwords must be readable, because the PBX is given them anew after its restart; all else is one-way.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import struct

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
KEY_BYTES = 32
TOTP_STEP_S = 30


class WrongKeyError(ValueError):
    """A secret cannot be read: the key file is not the one it was written with, or the row was changed."""


class SecretBox:
    """Encrypts what the store must give back (AES-256-GCM), bound to whom it belongs to.

    `key` is the content of the installation's key file, at least 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key file holds {len(key)} bytes; at least {KEY_BYTES} are needed")
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"ramal secrets 1").derive(key)
        self._cipher = AESGCM(derived)

    def seal(self, owner: str, secret: str) -> bytes:
        """`secret`, encrypted for `owner` (e.g. `phone:1005`)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, owner: str, sealed: bytes) -> str:
        """What was sealed for `owner`. Raises `WrongKeyError`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise WrongKeyError(f"the secret of {owner} cannot be decrypted with this key file") from error


class Passwords:
    """argon2id (RFC 9106, second recommended set), off the event loop, two at a time (64 MiB each)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._two = asyncio.Semaphore(2)
        self._nobody = ""

    async def hash(self, password: str) -> str:
        async with self._two:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, known_hash: str | None, password: str) -> bool:
        """Whether it fits; for nobody (None) it takes as long, so that names cannot be probed."""
        async with self._two:
            if not self._nobody:
                self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_hex(16))
            return await asyncio.to_thread(self._verify, known_hash, password) and known_hash is not None

    def _verify(self, known_hash: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(known_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False


def new_token() -> str:
    """A bearer token or session key: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: random 256 bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def totp(secret: bytes, step: int, digits: int = 6) -> str:
    """The code of one 30 s step (RFC 6238 with SHA-1, what authenticator apps do)."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def totp_step(secret: bytes, code: str, now: float, last_step: int) -> int | None:
    """The step that `code` is right for, one before or after allowed; None: wrong, or used before.

    `last_step` is the one of the code used last. One that lies ahead of all that this clock allows was used
    by a clock that has been set back since, and says nothing of this one's codes.
    """
    current = int(now) // TOTP_STEP_S
    used = last_step if last_step <= current + 1 else 0
    for step in (current, current - 1, current + 1):
        if step > used and hmac.compare_digest(totp(secret, step).encode(), code.encode()):
            return step
    return None
