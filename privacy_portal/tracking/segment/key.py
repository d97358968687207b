"""The write key, which is an auth-token: as the user name of Basic authentication, or in the body."""

import binascii
from base64 import b64decode
from typing import Any


def shown_in(headers: dict[str, str]) -> str | None:
    """The key in a header. Any other scheme of `Authorization` shows none."""
    if token := headers.get("auth-token"):
        return token
    scheme, _, packed = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(packed.strip(), validate=True).decode().partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def held_by(content: dict[str, Any]) -> str | None:
    """The key in a body. What is no text is none."""
    key = content.get("writeKey")
    return key if isinstance(key, str) and key else None
