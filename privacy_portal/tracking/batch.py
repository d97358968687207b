"""A batch: up to 2,000 calls and a context they share. All of them are good, or none is taken."""

from typing import Any

import msgspec

from privacy_portal.tracking import json_text
from privacy_portal.tracking.call import ACTIONS, Call, check, is_direct, message_id
from privacy_portal.tracking.refusal import bad_field, call_too_large, too_much_context

MAX_CALLS = 2000
MAX_CALL_BYTES = 32 * 1024
# A shared context is stored with each call, so a small body could become a big store. 4 KiB of it for each of 2,000
# calls: what an SDK says of itself and its device takes one or two.
MAX_MERGED_BYTES = 8 * 1024 * 1024
IMPLIED = ("identify", "page", "screen", "group")


class _Envelope(msgspec.Struct):
    batch: list[msgspec.Raw]
    context: msgspec.Raw = msgspec.Raw()


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


def check_batch(
    content: dict[str, Any], text: bytes, kinds: tuple[str, ...] = ACTIONS
) -> tuple[list[Call], str | None]:
    """The checked calls of a batch, and the request's own messageId, if it has one. `kinds`: what `type` may say."""
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
    outer = _Outer(bytes(envelope.context), len(items), is_direct(context)) if context else None
    calls = [_call(item, texts[position], outer, f"batch[{position}]", kinds) for position, item in enumerate(items)]
    return calls, message_id(content)


class _Outer:
    """The outer context: its text, and taken apart once for all calls that have one of their own. No merged context is
    read again: held as objects, those of 2,000 calls would take many times the memory of their texts."""

    def __init__(self, text: bytes, calls: int, direct: bool) -> None:
        if len(text) * calls > MAX_MERGED_BYTES:
            raise too_much_context(MAX_MERGED_BYTES // calls)
        self.text = text
        self.values = json_text.values(text)
        self.direct = direct


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


def _call(item: Any, text: bytes, outer: _Outer | None, at: str, kinds: tuple[str, ...]) -> Call:
    if not isinstance(item, dict):
        raise bad_field(at, "must be an object")
    action = _method(item, at, kinds)
    checked = check(item, text, action, f"{at}.", brief=True)
    return _with_context_under(checked, outer) if outer else checked


def _method(item: dict[str, Any], at: str, kinds: tuple[str, ...]) -> str:
    kind = item.get("type")
    if kind is not None:
        if kind not in kinds:
            raise bad_field(f"{at}.type", f"must be one of {', '.join(kinds)}")
        return str(kind)
    event = item.get("event")
    return event if event in IMPLIED else "track"


def _with_context_under(call: Call, outer: _Outer) -> Call:
    """The call with the outer context merged under its own: that object is written anew, nothing else. It is the call
    itself: nobody else has seen it yet."""
    own = call.content.get("context") or {}
    call.text = _text_with_context_under(call, outer)
    call.direct = call.direct if "direct" in own else outer.direct
    return call


def _text_with_context_under(call: Call, outer: _Outer) -> bytes:
    if "context" not in call.content:
        return json_text.with_first(call.text, "context", outer.text)
    begins, ends = json_text.member(call.text, "context") or (0, 0)
    merged = outer.text
    if call.content["context"]:
        merged = json_text.merged(outer.values, call.text[begins:ends])
    return call.text[:begins] + merged + call.text[ends:]
