"""From what an SDK sends to the rows that are stored: the tracking API's own reading, and what differs from it.

A call keeps the text it was sent with, less the write key, which is a credential. Its time is corrected for the
device's clock beside that text: `sentAt` and `timestamp` are of the same clock, the time of receipt is of ours.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from privacy_portal.tracking import reading
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.batch import check_batch
from privacy_portal.tracking.call import ACTIONS, ALIAS, Call, check, moment
from privacy_portal.tracking.refusal import bad_field
from privacy_portal.tracking.store.row import BrandView, Request
from privacy_portal.tracking.write_key import without_key

KINDS = (*ACTIONS, ALIAS)


def request_from(text: bytes, action: str, token: TokenView, brand: BrandView, address: Callable[[], str]) -> Request:
    """A request ready to be stored. Refusal names the field and the rule."""
    received_at = datetime.now(UTC)
    content = reading.content_of(text)
    if action == "batch":
        checked, own_message = check_batch(content, text, KINDS)
        sent_at = moment(content, "sentAt")
        calls = [_taken(call, sent_at, received_at, f"batch[{n}].") for n, call in enumerate(checked)]
        return reading.batch_of(calls, own_message, token, brand, address, received_at)
    call = _taken(check(content, text, action, brief=True), None, received_at)
    return Request(brand, token.public, received_at, reading.rows_of([call], token, brand, address, received_at))


def _taken(call: Call, sent_at: datetime | None, received_at: datetime, at: str = "") -> Call:
    """The call as it is stored. `sent_at`: of the batch it came in; else the call's own counts."""
    text = without_key(call.text) if "writeKey" in call.content else call.text
    sent_at = sent_at or moment(call.content, "sentAt", at)
    if call.timestamp is None or sent_at is None:
        return replace(call, text=text)
    try:
        return replace(call, text=text, timestamp=received_at - (sent_at - call.timestamp))
    except OverflowError:
        raise bad_field(f"{at}timestamp", "must lie in the years 1 to 9999, corrected by sentAt") from None
