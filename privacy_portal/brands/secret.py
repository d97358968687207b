"""Bearer secrets: shown once, kept as a hash. They are random, so a plain hash cannot be guessed back."""

import hashlib
import secrets


def fresh(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
