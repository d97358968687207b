"""AES-GCM for what is kept at rest. PORTAL_ENCRYPTION_KEYS: the first key encrypts, every one decrypts."""

import hashlib
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


class Undecryptable(Exception):
    """No configured key opens this; it was encrypted with one that is missing, or altered."""


@cache
def _ciphers() -> tuple[AESGCM, ...]:
    return tuple(AESGCM(hashlib.sha256(key.encode()).digest()) for key in settings.ENCRYPTION_KEYS)


def encrypt(clear: str, bound_to: bytes | memoryview) -> bytes:
    """`bound_to` says whose it is; the same bytes are needed to decrypt, so a value cannot be moved to another row."""
    nonce = os.urandom(NONCE)
    return nonce + _ciphers()[0].encrypt(nonce, clear.encode("utf-8"), bytes(bound_to))


def decrypt(stored: bytes | memoryview, bound_to: bytes | memoryview) -> str:
    """The clear text of a column's bytes. Undecryptable when no key opens it."""
    sealed, bound_to = bytes(stored), bytes(bound_to)
    for cipher in _ciphers():
        try:
            return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to).decode("utf-8")
        except InvalidTag:
            continue
    raise Undecryptable("no key in PORTAL_ENCRYPTION_KEYS opens a stored value")
