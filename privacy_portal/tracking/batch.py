"""A batch: up to 2,000 calls and a context they share. All of them are good, or none is taken."""

from typing import Any

import msgspec

from privacy_portal.tracking import json_text
from privacy_portal.tracking.call import ACTIONS, Call, check, message_id
from privacy_portal.tracking.refusal import bad_field, call_too_large

MAX_CALLS = 2000
MAX_CALL_BYTES = 32 * 1024
IMPLIED = ("identify", "page", "screen", "group")


class _Envelope(msgspec.Struct):
    batch: list[msgspec.Raw]
    context: msgspec.Raw = msgspec.Raw()


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


def check_batch(content: dict[str, Any], text: bytes) -> tuple[list[Call], str | None]:
    """The checked calls of a batch, and the request's own messageId, if it has one."""
    items = content.get("batch")
    if not isinstance(items, list):
        raise bad_field("batch", "must be an array of calls")
    envelope = _texts(text)
    texts = [bytes(raw) for raw in envelope.batch]
    for position, item in enumerate(texts):
        if len(item) > MAX_CALL_BYTES:
            raise call_too_large(position, MAX_CALL_BYTES)
    if not 1 <= len(items) <= MAX_CALLS:
        raise bad_field("batch", f"must hold 1 to {MAX_CALLS} calls")
    context = content.get("context")
    if context is not None and not isinstance(context, dict):
        raise bad_field("context", "must be an object")
    outer = bytes(envelope.context) if context else None
    calls = [_call(item, texts[position], outer, f"batch[{position}]") for position, item in enumerate(items)]
    return calls, message_id(content)


def _texts(text: bytes) -> _Envelope:
    """The texts of calls and context, in one quick pass."""
    try:
        return _decode_envelope(text)
    except msgspec.ValidationError:
        # `batch` stands there twice, and the first one is no array: readers see the last.
        begins, ends = json_text.member(text, "batch") or (0, 0)
        context = json_text.member(text, "context")
        raw = msgspec.Raw(text[context[0] : context[1]]) if context else msgspec.Raw()
        return _Envelope(_decode_items(text[begins:ends]), raw)


def _call(item: Any, text: bytes, outer: bytes | None, at: str) -> Call:
    if not isinstance(item, dict):
        raise bad_field(at, "must be an object")
    action = _method(item, at)
    checked = check(item, text, action, f"{at}.")
    return with_context_under(checked, outer) if outer else checked


def _method(item: dict[str, Any], at: str) -> str:
    kind = item.get("type")
    if kind is not None:
        if kind not in ACTIONS:
            raise bad_field(f"{at}.type", f"must be one of {', '.join(ACTIONS)}")
        return str(kind)
    event = item.get("event")
    if not event:
        raise bad_field(f"{at}.event", "must not be empty")
    return event if event in IMPLIED else "track"


def with_context_under(call: Call, outer: bytes) -> Call:
    """The call with the outer context merged under its own: that object is written anew, nothing else."""
    own = call.content.get("context")
    place = json_text.member(call.text, "context") if own else None
    context = json_text.merged(outer, call.text[place[0] : place[1]]) if place else outer
    return with_context(call, context)


def with_context(call: Call, context: bytes) -> Call:
    text = json_text.with_member(call.text, "context", context)
    content = call.content | {"context": msgspec.json.decode(context)}
    return Call(call.action, call.user_id, call.anonymous_id, call.event, call.timestamp, call.message_id, content, text)
