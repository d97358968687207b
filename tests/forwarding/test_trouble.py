"""An upstream that is away, busy, wrong or refuses: nothing is lost, the order holds, and nobody else waits."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from privacy_portal.audit.models import COMMAND, Entry
from privacy_portal.brands.models import Brand
from privacy_portal.tracking.models import Event, Forwarding
from privacy_portal.tracking.models.forwarding import AGAIN
from privacy_portal.tracking.status import status_of
from tests.factories.events import send, track
from tests.factories.forwarding import (
    calls_in,
    carry,
    carry_after_trouble,
    forwarding_brand,
    ids_in,
    state,
    states,
)
from tests.factories.regulations import DPO
from tests.factories.updates import workers
from tests.upstream import server
from tests.upstream.server import Answer, Upstream, json_answer
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True)]
engines = pytest.mark.engine


def refusing(event: str, message: str = "no") -> Answer:
    """Whatever holds a call of that name."""

    def answer(handler: Any, body: Any) -> None:
        named = [call["event"] for call in body.get("batch", [body])]
        (json_answer(400, {"success": False, "message": message}) if event in named else server.taken)(handler, body)

    return answer


@engines
def test_of_a_refused_batch_the_refused_call_alone_fails(brand: Brand, upstream: Upstream) -> None:
    upstream.always = refusing("Bad", "batch[0] u17 is unknown")
    ids = [track(brand, f"u{number}", "Bad" if number == 17 else "Good") for number in range(40)]
    carry()
    assert states(*ids) == ["failed" if number == 17 else "forwarded" for number in range(40)]
    told = status_of(ids[17])
    assert told is not None
    assert told["errors"] == ["upstream answered 400 batch[0] [userId] is unknown"]
    accepted = [call["messageId"] for message in upstream.messages for call in message["batch"] if _is_good(message)]
    assert accepted == [str(event_id) for event_id in ids if event_id != ids[17]]
    assert len(upstream.messages) <= 15


def _is_good(message: Any) -> bool:
    return all(call["event"] != "Bad" for call in message["batch"])


@engines
def test_what_failed_can_be_sent_again(brand: Brand, upstream: Upstream) -> None:
    upstream.always = refusing("Bad")
    bad = track(brand, "u1", "Bad")
    carry()
    upstream.always = server.taken
    assert Forwarding.objects.send_again(Event.objects.filter(brand=brand), COMMAND) == 1
    carry()
    event = Event.objects.get(event_id=bad)
    assert (event.status, event.errors) == ("forwarded", None)
    assert set(ids_in(upstream)) == {str(bad)}
    assert Forwarding.objects.send_again(Event.objects.filter(brand=brand), COMMAND) == 0


@engines
def test_much_is_sent_again_some_at_a_time(brand: Brand) -> None:
    """Ingest goes on beside it: no transaction moves more than a few."""
    for number in range(AGAIN * 2 + 1):
        track(brand, f"u{number}", "Bad")
    Event.objects.update(status="failed", errors=["event is odd", "upstream answered 400 no"])
    with CaptureQueriesContext(connection) as seen:
        assert Forwarding.objects.send_again(Event.objects.filter(brand=brand), COMMAND) == AGAIN * 2 + 1
    statements = [query["sql"] for query in seen]
    moves = [len(list(group)) for of, group in groupby(statements, _is_move) if of]
    assert moves == [AGAIN, AGAIN, 1]
    assert sum(sql.startswith("COMMIT") for sql in statements) == 3
    assert set(Event.objects.values_list("status", flat=True)) == {"forwarding"}
    assert Event.objects.first().errors == ["event is odd"]  # type: ignore[union-attr]
    assert Entry.objects.filter(action="event.forwarded_again", actor_kind="command").count() == AGAIN * 2 + 1


def _is_move(sql: str) -> bool:
    return sql.startswith('UPDATE "tracking_event"')


TROUBLE = {
    "429": json_answer(429, {"message": "u1 is too much"}), "503": json_answer(503, {"message": "u1"}),
    "hung up": server.hang_up, "no eventId": json_answer(200, {"success": True}),
    "wrong token": json_answer(401, {"message": "u1"}), "forbidden": json_answer(403, {}),
    "wrong address": json_answer(404, {}), "moved": json_answer(301, {}, Location="/"),
}  # fmt: skip


@engines
def test_trouble_puts_everything_off_in_its_order_and_loses_nothing(brand: Brand, upstream: Upstream) -> None:
    ids = []
    for number, answer in enumerate(TROUBLE.values()):
        upstream.answers = [answer]
        ids.append(track(brand, "u1", f"number {number}"))
        carry_after_trouble()
        job = Forwarding.objects.get()
        assert (job.status, state(ids[-1])) == ("retrying", "forwarding")
        assert job.due_at - timezone.now() > timedelta(seconds=0)
        assert "u1" not in job.last_error, "a brand's row outlives people"
    assert Forwarding.objects.get().attempts == len(TROUBLE)
    upstream.texts.clear()
    upstream.messages.clear()
    carry_after_trouble()
    assert ids_in(upstream) == [str(event_id) for event_id in ids]
    assert set(states(*ids)) == {"forwarded"}
    job = Forwarding.objects.get()
    assert (job.status, job.attempts, job.last_error) == ("idle", 0, "")


def test_it_is_never_given_up(brand: Brand, upstream: Upstream) -> None:
    upstream.always = json_answer(503, {})
    event_id = track(brand, "u1")
    carry()
    Forwarding.objects.update(patience_from=datetime(2020, 1, 1, tzinfo=UTC), attempts=500)
    carry_after_trouble()
    job = Forwarding.objects.get()
    assert (job.status, state(event_id)) == ("retrying", "forwarding")
    assert job.due_at - timezone.now() <= timedelta(minutes=5)


def test_retry_after_is_honoured(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(429, {}, Retry_After="900")]
    track(brand, "u1")
    carry()
    assert timedelta(minutes=14) < Forwarding.objects.get().due_at - timezone.now() <= timedelta(minutes=15)


def test_what_was_learnt_of_a_refused_batch_outlives_trouble(brand: Brand, upstream: Upstream) -> None:
    """Else an upstream that is busy after each refusal would be asked the same for ever."""
    refuse, busy = refusing("Bad"), json_answer(503, {})
    ids = [track(brand, f"u{number}", "Bad" if number == 0 else "Good") for number in range(16)]
    for _ in range(5):
        upstream.answers = [refuse, busy]
        carry_after_trouble()
    upstream.always = refuse
    carry_after_trouble()
    assert states(*ids) == ["failed", *["forwarded"] * 15]


@engines
def test_a_brand_whose_upstream_is_slow_or_refuses_holds_up_no_other(upstream: Upstream, db: None) -> None:
    release = threading.Event()
    with server.serve() as slow, server.serve() as refusing_all:
        slow.always, refusing_all.always = server.held_until(release), json_answer(400, {})
        ids = [track(forwarding_brand(which), "u1") for which in (slow, refusing_all, upstream)]
        with workers(2):
            until(lambda: states(*ids) == ["forwarding", "failed", "forwarded"], 30)
            release.set()
        assert state(ids[0]) == "forwarded"


def test_of_a_workers_threads_one_is_never_busy_with_forwarding(db: None) -> None:
    release = threading.Event()
    with server.serve() as one, server.serve() as two, server.serve() as three:
        for slow in (one, two, three):
            slow.always = server.held_until(release)
            track(forwarding_brand(slow), "u1")
        with workers(3):
            until(lambda: sum(len(slow.messages) for slow in (one, two, three)) == 2, 30)
            release.set()
    assert not [slow for slow in (one, two) if not slow.messages]


@engines
def test_what_a_killed_sender_had_on_its_way_is_sent_again_under_the_same_ids(brand: Brand, upstream: Upstream) -> None:
    """As after a kill between the answer and its being written down: the lease runs out, another takes over."""
    ids = [track(brand, "u1"), track(brand, "u2")]
    dead = Forwarding.objects.all().claim()
    assert dead is not None
    Forwarding.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    carry()
    assert ids_in(upstream) == [str(event_id) for event_id in ids]
    Event.objects.update(status="forwarding")
    with pytest.raises(Exception, match="Forwarding"):
        dead.sent(list(Event.objects.values_list("pk", flat=True)))
    assert states(*ids) == ["forwarding"] * 2, "who lost the lease says nothing"
    carry()
    assert ids_in(upstream) == [str(event_id) for event_id in ids] * 2


@engines
def test_turning_it_off_sends_nothing_more_and_keeps_what_waits_as_stored(brand: Brand, upstream: Upstream) -> None:
    ids = [track(brand, "u1") for _ in range(3)]
    brand.configure({"forwarding": False}, DPO)
    later = track(brand, "u1")
    carry()
    assert states(*ids, later) == ["stored"] * 4
    brand.configure({"forwarding": True}, DPO)
    last = track(brand, "u1")
    carry()
    assert ids_in(upstream) == [str(last)]


@engines
def test_turned_off_what_was_put_off_for_long_is_kept_at_once(brand: Brand, upstream: Upstream) -> None:
    """Else turning it on again before an upstream's Retry-After is over would send what was never to be sent."""
    upstream.always = json_answer(503, {}, **{"Retry-After": "3600"})
    waiting = track(brand, "u1")
    carry()
    asked = len(upstream.messages)
    brand.configure({"forwarding": False}, DPO)
    carry()
    assert states(waiting) == ["stored"]
    upstream.always = server.taken
    brand.configure({"forwarding": True}, DPO)
    last = track(brand, "u1")
    carry()
    assert ids_in(upstream)[asked:] == [str(last)]


@engines
def test_what_was_put_off_for_long_is_kept_at_once_after_a_kill_too(brand: Brand, upstream: Upstream) -> None:
    upstream.always = json_answer(503, {}, **{"Retry-After": "3600"})
    event_id = track(brand, "u1")
    carry()
    brand.configure({"forwarding": False}, DPO)
    assert Forwarding.objects.all().claim()
    assert Forwarding.objects.all().claim() is None, "while its lease holds"
    Forwarding.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    carry()
    assert state(event_id) == "stored", "long before it would have been due"


@engines
def test_a_call_that_is_too_large_for_the_upstream_fails_alone(brand: Brand, upstream: Upstream) -> None:
    def limited(handler: Any, body: Any) -> None:
        (json_answer(413, {"message": "too large"}) if "batch" not in body else server.taken)(handler, body)

    upstream.always = limited
    ids = [track(brand, "u1"), send(brand, "track", {"userId": "u1", "event": "x" * 9, "p": "x" * 40_000})]
    ids.append(track(brand, "u1"))
    carry()
    assert states(*ids) == ["forwarded", "failed", "forwarded"]
    assert [call["messageId"] for call in calls_in(upstream)] == [str(event_id) for event_id in ids]
