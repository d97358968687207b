"""What must hold for any bytes at all. Each promise is asked with one input, and says whether that was taken."""

import gzip
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

from privacy_portal.brands.models import TokenKind
from privacy_portal.line import LENGTH, framed
from privacy_portal.timestamps import BadTimestamp, parse, written
from privacy_portal.tracking import json_text, reading
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.body import Body, unpacked
from privacy_portal.tracking.refusal import Refusal
from privacy_portal.tracking.segment import reading as segment
from privacy_portal.tracking.store.frames import requests_in
from privacy_portal.tracking.store.row import BrandView, Request, Row
from privacy_portal.tracking.write_key import key_in
from tests.fuzz import oracle

BRAND = BrandView(1, "acme/shop/EU", frozenset({"Coupon Used"}), ("email", "sms"), True)
TOKEN: Any = TokenView(1, TokenKind.SERVER.value, "acme", "shop", 1, 100, 500)
ADDRESS = "192.0.2.1"
LIMIT = 20_000


def json_is_read_as_python_reads_it(text: bytes) -> bool:
    try:
        wanted = oracle.strict(text)
    except oracle.Bad:
        try:
            read = json_text.read(text)
        except json_text.BadJson:
            return False
        raise AssertionError(f"was read as {read!r}") from None
    assert json_text.read(text) == wanted
    return True


def a_call_is_kept_as_it_came(text: bytes, action: str) -> bool:
    return _kept(text, action, reading.request_from, has_key=False)


def an_sdks_call_is_kept_as_it_came(text: bytes, action: str) -> bool:
    return _kept(text, action, segment.request_from, has_key=True)


def _kept(text: bytes, action: str, request_from: Callable[..., Request], has_key: bool) -> bool:
    request, refused = _tried(request_from, text, action, TOKEN, BRAND, lambda: ADDRESS)
    if refused:
        _says_why(refused)
        assert not _must_be_taken(text, action, brief=has_key), f"was refused: {refused.message}"
        return False
    assert requests_in(framed([request])[LENGTH:]) == [request]  # the writer's process is told what was read
    content = oracle.strict(text)
    if action == "batch":
        calls = [call.encode() for call in oracle.items(oracle.last(text, "batch") or "")]
        outer = oracle.last(text, "context") if content.get("context") else None
    else:
        calls, outer = [text], None
    assert len(calls) == len(request.rows)
    for call, row in zip(calls, request.rows, strict=True):
        assert oracle.good_call(oracle.strict(call), row.action, brief=has_key or action == "batch")
        _holds(row, call, outer, has_key)
    return True


def _tried(read: Callable[..., Any], *args: Any) -> tuple[Any, Refusal | None]:
    """What is read, or the refusal; any other error is a broken promise."""
    try:
        return read(*args), None
    except Refusal as refused:
        return None, refused


def _says_why(refused: Refusal) -> None:
    assert refused.status in (400, 413)
    assert " must " in refused.message
    assert len(refused.message) < 200


def _must_be_taken(text: bytes, action: str, *, brief: bool) -> bool:
    """Whether this must be no refusal: of what has no times, which T7 judges, and is no batch."""
    try:
        content = oracle.strict(text)
    except oracle.Bad:
        return False
    if action == "batch" or not isinstance(content, dict):
        return False
    timed = content.get("timestamp") is not None or (brief and content.get("sentAt") is not None)
    return not timed and oracle.good_call(content, action, brief=brief)


def _holds(row: Row, call: bytes, outer: str | None, has_key: bool) -> None:
    """The row's text is the call's, but for what the contract changes: its context, and the key cut out."""
    content = oracle.strict(call)
    assert row.user_id == (content.get("userId") if (content.get("userId") or "").strip() else None)
    context = oracle.merged(oracle.parts(outer or "{}"), oracle.parts(_object(oracle.last(call, "context"))))
    is_direct = context.get("direct") == "true"
    if is_direct:
        context["ip"] = f'"{ADDRESS}"'
    is_keyed = has_key and "writeKey" in content
    if not (outer or is_direct or is_keyed):
        assert row.text == call
        return
    kept = [member for member in oracle.members(call) if not (is_keyed and member[0] == "writeKey")]
    if outer or is_direct:
        assert _without_last_context(oracle.members(row.text)) == _without_last_context(kept)
        assert oracle.parts(oracle.last(row.text, "context") or "") == context
    else:
        assert oracle.members(row.text) == kept


def _object(text: str | None) -> str:
    return "{}" if text in (None, "null") else str(text)


def _without_last_context(members: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    places = [place for place, member in enumerate(members) if member[0] == "context"]
    return [member for place, member in enumerate(members) if place not in places[-1:]]


def gzip_is_unpacked_whole_or_refused(packed: bytes) -> bool:
    plain, refused = _tried(unpacked, packed, LIMIT)
    if refused:
        _says_why(refused)
        assert refused.status == 413 or not _python_unpacks(packed)
        return False
    assert len(plain) <= LIMIT
    assert packed == b"" or plain == gzip.decompress(packed)
    return True


def _python_unpacks(packed: bytes) -> bool:
    if b"\0" in packed[-8:]:  # Python forgives zeros after the last member
        return False
    try:
        gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return False
    return True


def a_key_is_found_or_not(text: bytes) -> bool:
    """The key in a text/plain body, which is looked for before anything is known of the body."""
    found = _at_once(key_in(_body_of(text), LIMIT, gzipped=False))
    try:
        key = oracle.strict(text).get("writeKey")
    except (oracle.Bad, AttributeError):
        return False
    assert found == (key if isinstance(key, str) else None) or not (found or key)
    return bool(found)


def _body_of(text: bytes) -> Body:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": text, "more_body": False}

    return Body(receive)


def _at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("it waits")


def a_time_is_a_moment_or_refused(text: bytes) -> bool:
    said = text.decode("utf-8", "surrogateescape")
    try:
        moment = parse(said)
    except BadTimestamp:
        return False
    assert moment.utcoffset() is not None
    assert not moment.utcoffset()
    assert 1 <= moment.year <= 9999
    assert said.isascii()
    assert parse(written(moment)) == moment
    return True
