"""What arrives upstream of an event that was stored (issue 6, contract G7)."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.segment import reading as segment
from privacy_portal.tracking.status import status_of
from privacy_portal.tracking.store.write import write_group
from tests.factories.brands import make_brand
from tests.factories.events import identify, send, track, view
from tests.factories.forwarding import calls_in, carry, forwarding_brand, ids_in, states
from tests.factories.regulations import DPO
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_every_stored_event_is_sent_in_order_with_its_event_id_as_message_id(brand: Brand, upstream: Upstream) -> None:
    ids = [identify(brand, "u1"), track(brand, "u2"), send(brand, "screen", {"anonymousId": "a1"})]
    assert states(*ids) == ["forwarding"] * 3
    batch = send(brand, "batch", {"batch": [{"event": "page", "userId": "u1"}, {"event": "Bought", "userId": "u2"}]})
    carry()
    assert ids_in(upstream)[:3] == [str(event_id) for event_id in ids]
    told = status_of(batch)
    assert told is not None
    assert told["status"] == "forwarded"
    assert ids_in(upstream)[3:] == [call["eventId"] for call in told["calls"]]
    assert len(upstream.messages) == 1, "they go together"
    assert upstream.tokens == ["their-token"]


def test_a_brand_that_does_not_forward_sends_nothing(brand: Brand, upstream: Upstream) -> None:
    other = make_brand(upstream_url=upstream.url, upstream_token="t")
    ids = track(other, "u1"), track(brand, "u1")
    carry()
    assert states(*ids) == ["stored", "forwarded"]
    assert ids_in(upstream) == [str(ids[1])]


def test_a_repeated_message_id_is_sent_once(brand: Brand, upstream: Upstream) -> None:
    first, second = (track(brand, "u1", messageId="m") for _ in range(2))
    carry()
    assert first == second
    assert ids_in(upstream) == [str(first)]


def test_batches_go_to_the_door_beside_identify_where_there_is_one(upstream: Upstream, db: None) -> None:
    for path, door in (("/track/c/a/B/v1/identify", "/track/c/a/B/v1/batch"), ("/hook?x=1", "/hook?x=1")):
        brand = forwarding_brand(upstream)
        brand.configure({"upstream_url": upstream.url.replace("/track", path)}, DPO)
        track(brand, "u1")
        carry()
        assert upstream.paths[-1] == door


SENT = {
    "track": (
        b'{ "userId":"u", "event":"B","properties":{"a":4.0,"a":1e2}, "timestamp":"2026-01-01 00:00"}',
        b'{"messageId":"%s", "userId":"u", "event":"B","properties":{"a":4.0,"a":1e2}, "timestamp":"2026-01-01 00:00"}',
    ),
    "identify": (
        b'{"event":"identify","userId":"u","messageId" :"m","traits":{"a":"\\u00fc"}, "timestamp":"2026-01-01 00:00"}',
        b'{"event":"identify","userId":"u","messageId" :"%s","traits":{"a":"\\u00fc"}, "timestamp":"2026-01-01 00:00"}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", SENT)
def test_every_other_byte_is_as_it_was_received(brand: Brand, upstream: Upstream, action: str) -> None:
    received, sent = SENT[action]
    event_id = send(brand, action, received)
    carry()
    assert upstream.texts == [b'{"batch":[%s]}' % (sent % str(event_id).encode())]


METHODS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("screen", {"name": "Home"}, {"event": "screen"}),
    ("screen", {"event": "Home viewed"}, {"event": "Home viewed", "type": "screen"}),
    ("group", {"groupId": "g"}, {"event": "group"}),
    ("track", {"event": "page"}, {"event": "page", "type": "track"}),
    ("track", {"event": "Bought"}, {"event": "Bought"}),
]


def test_a_batch_takes_each_call_for_what_it_is(brand: Brand, upstream: Upstream) -> None:
    for action, call, _ in METHODS:
        send(brand, action, {"userId": "u", **call})
    send(brand, "batch", {"batch": [{"type": "identify", "userId": "u"}]})
    carry()
    named = [{name: call[name] for name in ("event", "type") if name in call} for call in calls_in(upstream)]
    assert named == [*(expected for _, _, expected in METHODS), {"type": "identify", "event": "identify"}]


def test_a_call_without_a_time_says_when_it_was_received(brand: Brand, upstream: Upstream) -> None:
    told = status_of(track(brand, "u1"))
    carry()
    assert told is not None
    assert calls_in(upstream)[0]["timestamp"] == told["receivedAt"]


def test_a_clock_that_was_corrected_here_is_corrected_there(brand: Brand, upstream: Upstream) -> None:
    """What an SDK says is of its own clock; what it sends with that stays here."""
    call = {"type": "track", "event": "e", "userId": "u1", "timestamp": "2026-01-01T00:00:00Z"}
    text = json.dumps({"batch": [call], "sentAt": "2026-01-01T00:00:10Z"}).encode()
    token = TokenView(1, "server", brand.client, brand.account, brand.pk, 100, 500)
    (batch,) = write_group([segment.request_from(text, "batch", token, view(brand), lambda: "")])
    carry()
    told = status_of(UUID(batch))
    assert told is not None
    received_at = datetime.fromisoformat(told["receivedAt"])
    assert datetime.fromisoformat(calls_in(upstream)[0]["timestamp"]) == received_at - timedelta(seconds=10)


def test_what_was_corrected_is_not_corrected_again(brand: Brand, upstream: Upstream) -> None:
    """By an upstream that reads `sentAt`, too."""
    said = {"event": "e", "userId": "u1", "timestamp": "2026-01-01T00:00:00Z", "sentAt": "2026-01-01T00:00:10Z"}
    token = TokenView(1, "server", brand.client, brand.account, brand.pk, 100, 500)
    write_group([segment.request_from(json.dumps(said).encode(), "track", token, view(brand), lambda: "")])
    track(brand, "u1", sentAt="2026-01-01T00:00:10Z", timestamp="2026-01-01T00:00:00Z")
    carry()
    corrected, kept = calls_in(upstream)
    assert "sentAt" not in corrected
    assert (kept["timestamp"], kept["sentAt"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z")


def test_the_address_that_a_call_came_from_is_not_replaced_by_ours(brand: Brand, upstream: Upstream) -> None:
    track(brand, "u1", context={"direct": True})
    carry()
    assert calls_in(upstream)[0]["context"] == {"direct": False, "ip": "192.0.2.1"}


def test_space_before_a_call_switches_none_of_this_off(brand: Brand, upstream: Upstream) -> None:
    event_id = send(brand, "screen", b'\r\n\t {"userId":"u1","context":{"direct":true}}\n')
    carry()
    (call,) = calls_in(upstream)
    assert call.pop("timestamp")
    context = {"direct": False, "ip": "192.0.2.1"}
    assert call == {"userId": "u1", "messageId": str(event_id), "event": "screen", "context": context}


def test_a_request_is_at_most_1_mb_and_a_call_in_a_batch_32_kb(brand: Brand, upstream: Upstream) -> None:
    texts = ["x" * 30_000] * 40 + ["x" * 40_000, "y", "x" * 900_000]
    ids = [track(brand, "u1", properties={"x": text}) for text in texts]
    carry()
    assert ids_in(upstream) == [str(event_id) for event_id in ids]
    assert max(len(text) for text in upstream.texts) <= 1_000_000
    alone = [message for message in upstream.messages if "batch" not in message]
    assert [len(message["properties"]["x"]) for message in alone] == [40_000, 900_000]
    assert all(len(json.dumps(call)) <= 32_000 for m in upstream.messages for call in m.get("batch", []))
    assert len(upstream.messages) == 5
