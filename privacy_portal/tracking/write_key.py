"""The token inside the body, as `writeKey`: for text/plain alone, where a browser may set no header (contract T16).

`navigator.sendBeacon`, and a `fetch` that shall need no preflight, can send `auth-token` neither as a header nor, being
a secret, in the address. The key is a credential and no part of the event: it is cut out before anything is stored.
"""

from typing import Any

import msgspec

from privacy_portal.tracking import json_text
from privacy_portal.tracking.body import Body
from privacy_portal.tracking.refusal import Refusal


class _Keyed(msgspec.Struct):
    writeKey: str  # noqa: N815 (the name the SDKs give it)


_decode = msgspec.json.Decoder(_Keyed).decode


async def key_in(body: Body, limit: int, gzipped: bool) -> str | None:
    """The body's writeKey. None where there is none, or no body that can be read: that is then told as a missing
    token, which comes before everything else that is wrong with it (T3)."""
    try:
        return _key_of(await body.read(limit, gzipped))
    except (Refusal, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _key_of(text: bytes) -> str | None:
    try:
        return _decode(text).writeKey
    except msgspec.ValidationError:
        # It may stand there twice, and the first be no text: readers see the last.
        return held_by(msgspec.json.decode(text))


def held_by(content: Any) -> str | None:
    """The key in a body that was read. What is no text is none."""
    key = content.get("writeKey") if isinstance(content, dict) else None
    return key if isinstance(key, str) and key else None


def without_key(text: bytes) -> bytes:
    """The object's text without its writeKey."""
    return json_text.without_member(text, "writeKey")
