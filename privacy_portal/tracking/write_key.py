"""The token inside the body, as `writeKey`: where a browser may set no header (contract T16), and from SDKs (T17).

`navigator.sendBeacon`, and a `fetch` that shall need no preflight, can send `auth-token` neither as a header nor, being
a secret, in the address. The key is a credential and no part of the event: it is cut out before anything is stored.

Anybody may send a body without a key, as large as it may be and made to take long to read. So the key alone is read of
it, in one quick pass; all else waits until it is known who sends.
"""

import msgspec

from privacy_portal.tracking import json_text
from privacy_portal.tracking.body import Body
from privacy_portal.tracking.refusal import Refusal, bad_body


class _Keyed(msgspec.Struct):
    writeKey: msgspec.Raw = msgspec.Raw()  # noqa: N815 (the name the SDKs give it)


_decode = msgspec.json.Decoder(_Keyed).decode
_decode_text = msgspec.json.Decoder(str).decode


async def key_in(body: Body, limit: int, gzipped: bool) -> str | None:
    """The body's writeKey. None where there is none, or no body that can be read: that is then told as a missing
    token, which comes before everything else that is wrong with it (T3)."""
    try:
        return key_of(await body.read(limit, gzipped))
    except Refusal:
        return None


def key_of(text: bytes) -> str | None:
    """The key in a body, the last if it stands there twice; what is no text is none. Refusal: no object can be made
    out. What else may be wrong with the body is not looked for."""
    try:
        text.decode()  # msgspec does not look at texts that it skips
        key = bytes(_decode(text).writeKey)
        return _decode_text(key) or None if key[:1] == b'"' else None
    except msgspec.ValidationError:
        raise bad_body("must be a JSON object") from None
    except RecursionError:
        raise bad_body(json_text.TOO_DEEP) from None
    except UnicodeDecodeError:
        raise bad_body("must be valid UTF-8") from None
    except msgspec.DecodeError:
        raise bad_body("must be valid JSON") from None


def without_key(text: bytes) -> bytes:
    """The object's text without its writeKey."""
    return json_text.without_member(text, "writeKey")
