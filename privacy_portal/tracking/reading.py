"""From the bytes of a POST to the rows that are stored: read, check, and say what the gate must know of each call."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from privacy_portal.brands.models import TokenKind
from privacy_portal.ids import new_text_id
from privacy_portal.subjects import keys
from privacy_portal.tracking import json_text
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.batch import check_batch
from privacy_portal.tracking.call import Call, check
from privacy_portal.tracking.refusal import bad_body
from privacy_portal.tracking.store.row import BrandView, Request, Row

# A batch of one call may carry that call's messageId as its own: they must not be taken for each other.
BATCH_MESSAGE = b"batch message"
_JS_TAG = TokenKind.JS_TAG.value  # asked of the class, it costs more than the rest of a row's checks
TRACKING_ACTIONS = ("track", "page", "screen")


def request_from(text: bytes, action: str, token: TokenView, brand: BrandView, address: Callable[[], str]) -> Request:
    """A request ready to be stored. Refusal names the field and the rule; `address` is asked for only when wanted."""
    received_at = datetime.now(UTC)
    content = content_of(text)
    if action == "batch":
        calls, own_message = check_batch(content, text)
        return batch_of(calls, own_message, token, brand, address, received_at)
    rows = rows_of([check(content, text, action)], token, brand, address, received_at)
    return Request(brand, token.public, received_at, rows)


def content_of(text: bytes) -> dict[str, Any]:
    """The object that a body is. Refusal names the rule of JSON that it breaks."""
    try:
        content = json_text.read(text)
    except json_text.BadJson as error:
        raise bad_body(str(error)) from None
    if not isinstance(content, dict):
        raise bad_body("must be a JSON object")
    return content


def batch_of(
    calls: list[Call],
    own_message: str | None,
    token: TokenView,
    brand: BrandView,
    address: Callable[[], str],
    received_at: datetime,
) -> Request:
    """A batch of checked calls, and the messageId of its own if it has one."""
    batch_id, batch_key = new_text_id(), _message_key(brand, own_message, BATCH_MESSAGE)
    rows = rows_of(calls, token, brand, address, received_at)
    return Request(brand, token.public, received_at, rows, batch_id, batch_key)


def rows_of(
    calls: list[Call], token: TokenView, brand: BrandView, address: Callable[[], str], received_at: datetime
) -> list[Row]:
    return [_row(_with_address(call, address), token, brand, received_at) for call in calls]


def _with_address(call: Call, address: Callable[[], str]) -> Call:
    """`context.direct: true` asks for the caller's address as `context.ip` (contract T9)."""
    if call.direct:
        begins, ends = json_text.member(call.text, "context") or (0, 0)
        context = json_text.with_member(call.text[begins:ends], "ip", msgspec.json.encode(address()))
        call.text = call.text[:begins] + context + call.text[ends:]
    return call


def _row(call: Call, token: TokenView, brand: BrandView, received_at: datetime) -> Row:
    return Row(
        event_id=new_text_id(),
        brand_id=brand.pk,
        action=call.action,
        received_at=received_at,
        timestamp=call.timestamp or received_at,
        user_id=call.user_id,
        subject_key=None if call.user_id is None else keys.user_key(brand.path, call.user_id),
        anonymous_key=None if call.anonymous_id is None else keys.anonymous_key(brand.path, call.anonymous_id),
        text=call.text,
        drop_untracked=_drops_when_untracked(call, token, brand),
        previous_key=None if call.previous_id is None else keys.anonymous_key(brand.path, call.previous_id),
        message_key=_message_key(brand, call.message_id),
    )


def _drops_when_untracked(call: Call, token: TokenView, brand: BrandView) -> bool:
    """The no-track row of contract T12: a JS tag loses everything, others lose tracking but not commands."""
    if token.kind == _JS_TAG:
        return True
    is_command = call.action == "track" and call.event in brand.commands
    return call.action in TRACKING_ACTIONS and not is_command


def _message_key(brand: BrandView, message_id: str | None, kind: bytes = keys.MESSAGE) -> bytes | None:
    return None if message_id is None else keys.keyed(kind, brand.path, message_id)
