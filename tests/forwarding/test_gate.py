"""What waits to be forwarded asks the gate again (contract T12, T13, G2), and goes with an erasure (G10)."""

import threading

import pytest
from django.db import connection

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.tracking.models import Event, Forwarding
from tests.factories.events import identify, send, track
from tests.factories.forwarding import calls_in, carry, ids_in, state, states
from tests.factories.regulations import DPO, ask
from tests.factories.updates import workers
from tests.upstream.server import Upstream, held_until
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def is_empty(event_id: object) -> bool:
    event = Event.objects.get(event_id=event_id)
    return (event.body, event.subject_key, event.anonymous_key, event.timestamp, event.errors) == (None,) * 5


def test_what_a_suppressed_person_had_waiting_is_not_sent_and_keeps_nothing(brand: Brand, upstream: Upstream) -> None:
    send(brand, "screen", {"userId": "u1", "anonymousId": "a1"})
    carry()
    upstream.messages.clear()
    hers = [
        track(brand, "u1"),
        send(brand, "screen", {"anonymousId": "a1"}),
        identify(brand, "u1", channels={"x": True}),
    ]
    others = [track(brand, "u2"), send(brand, "screen", {"anonymousId": "a2"})]
    ask(brand, "suppress", "u1")
    carry()
    assert states(*hers) == ["suppressed"] * 3
    assert all(is_empty(event_id) for event_id in hers)
    assert states(*others) == ["forwarded"] * 2
    forwarded = [call for call in calls_in(upstream) if "regulation" not in call.get("traits", {})]
    assert [call["messageId"] for call in forwarded] == [str(event_id) for event_id in others]


def test_no_track_keeps_back_tracking_and_lets_commands_and_identify_pass(brand: Brand, upstream: Upstream) -> None:
    brand.configure({"commands": ["Receipt"]}, DPO)
    tracking = [track(brand, "u1"), send(brand, "page", {"event": "page", "userId": "u1"})]
    passing = [track(brand, "u1", event="Receipt"), identify(brand, "u1")]
    from_page = identify(brand, "u1", kind=TokenKind.JS_TAG)
    ask(brand, "no_track", "u1")
    carry()
    assert states(*tracking, from_page) == ["not_tracked"] * 3
    assert states(*passing) == ["forwarded"] * 2
    assert set(map(str, passing)) <= set(ids_in(upstream))


def test_an_erasure_takes_what_waits_with_it(brand: Brand, upstream: Upstream) -> None:
    Forwarding.objects.expect([brand.pk])
    Forwarding.objects.update(status="retrying", due_at="2100-01-01T00:00:00Z")
    track(brand, "u1")
    ask(brand, "suppress_and_delete", "u1")
    work_until_idle()
    assert not Event.objects.calls().exists()


def test_a_late_result_for_what_is_gone_changes_nothing(brand: Brand, upstream: Upstream) -> None:
    """One of those that are on their way is erased, another is gated by hand, before the answer comes."""
    release = threading.Event()
    upstream.answers = [held_until(release)]
    erased, kept = track(brand, "u1"), track(brand, "u2")
    with workers(1):
        until(lambda: upstream.messages, 30, "the request")
        Event.objects.filter(event_id=erased).delete()
        release.set()
    assert not Event.objects.filter(event_id=erased).exists()
    assert state(kept) == "forwarded"
    connection.close()


def test_a_waiting_event_is_found_by_an_index_and_not_by_looking_at_all(brand: Brand, db: None) -> None:
    waiting = Event.objects.waiting().filter(brand=brand).order_by("id")[:1]
    if connection.vendor == "sqlite":
        assert "event_forwarding" in waiting.explain()
