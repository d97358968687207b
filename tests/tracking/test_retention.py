"""Events go when their brand keeps them no longer (contract R5, `retention_days`), and only they."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry
from privacy_portal.durable.registry import MORE
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event, EventStatus
from privacy_portal.tracking.store import expiry
from privacy_portal.tracking.store.batches import FEWEST, MOST
from privacy_portal.tracking.store.expiry import Expiry
from tests.expiring import forget_expired
from tests.factories.brands import make_brand
from tests.factories.events import identify, send_at
from tests.factories.exports import access
from tests.tracking.caller import Caller, track
from tests.waiting import until

pytestmark = pytest.mark.engine


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def store(brand: Brand, at: datetime, **fields: Any) -> UUID:
    return send_at(at, brand, "track", track(**fields))


def left(*event_ids: UUID) -> list[bool]:
    return [Event.objects.filter(event_id=event_id).exists() for event_id in event_ids]


@contextmanager
def deletions() -> Iterator[list[int]]:
    """How many rows each statement was asked to delete."""
    seen: list[int] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('DELETE FROM "tracking_event"'):
            seen.append(sql.split('"event_id" IN (')[1].split(")")[0].count("%s"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield seen


def test_what_is_older_than_its_brand_keeps_it_goes_and_nothing_else(door: Caller, brand: Brand) -> None:
    other = make_brand(retention_days=60)
    without_end = make_brand()
    brand.configure({"retention_days": "30"}, COMMAND)
    old, young = store(brand, ago(days=30, minutes=1)), store(brand, ago(days=29, hours=23))
    theirs = store(other, ago(days=59)), store(without_end, ago(days=5000)), store(other, ago(days=61))
    assert door.status(old).status_code == 200
    forget_expired()
    assert left(old, young, *theirs) == [False, True, True, True, False]
    assert (door.status(old).status_code, door.status(old).json()["code"]) == (404, "unknown_event")
    assert door.status(young).status_code == 200


def test_without_the_setting_nothing_goes(brand: Brand) -> None:
    old = store(brand, ago(days=9999))
    forget_expired()
    assert left(old) == [True]


def test_a_batch_goes_with_its_calls(door: Caller, brand: Brand) -> None:
    brand.configure({"retention_days": 1}, COMMAND)
    batch = send_at(ago(days=2), brand, "batch", {"batch": [track(), track(userId="u2")]})
    assert len(door.status(batch).json()["calls"]) == 2
    forget_expired()
    assert not Event.objects.exists()
    assert door.status(batch).status_code == 404


def test_an_access_export_holds_what_is_kept(brand: Brand) -> None:
    brand.configure({"retention_days": 10}, COMMAND)
    store(brand, ago(days=11), event="Old")
    store(brand, ago(days=9), event="Young")
    assert [line["event"] for line in access(brand).lines] == ["Old", "Young"]
    forget_expired()
    assert [line["event"] for line in access(brand).lines] == ["Young"]


def test_who_someone_is_and_what_they_chose_stays(brand: Brand) -> None:
    brand.configure({"retention_days": 10}, COMMAND)
    identify(brand, "u1", anonymousId="a1", channels={"email": False})
    before = (Subject.objects.count(), Link.objects.count(), Entry.objects.count())
    assert all(before)
    forget_expired(timezone.now() + timedelta(days=11))
    assert not Event.objects.exists()
    assert (Subject.objects.count(), Link.objects.count(), Entry.objects.count()) == before


def test_what_the_gate_kept_out_is_told_of_for_its_thirty_days(brand: Brand) -> None:
    brand.configure({"retention_days": 1}, COMMAND)
    Subject.objects.ensure(brand, "u1")[0].suppress()
    gated, older = store(brand, ago(days=29)), store(brand, ago(days=31))
    forget_expired()
    assert left(gated, older) == [True, False]


def test_what_still_waits_to_be_forwarded_goes_too_and_is_counted(
    brand: Brand, caplog: pytest.LogCaptureFixture
) -> None:
    """Its upstream did not take it for as long as the brand keeps anything."""
    brand.configure({"retention_days": 5}, COMMAND)
    unsent = store(brand, ago(days=6))
    Event.objects.update(status=EventStatus.FORWARDING)
    with caplog.at_level(logging.WARNING):
        forget_expired()
    assert left(unsent) == [False]
    assert "retention.deleted_unsent events=1" in caplog.text


def test_a_setting_that_changes_holds_from_the_next_turn(brand: Brand) -> None:
    expire = Expiry()
    brand.configure({"retention_days": 30}, COMMAND)
    oldest, middle = store(brand, ago(days=40)), store(brand, ago(days=20))
    forget_expired(by=expire)
    assert left(oldest, middle) == [False, True]
    joined = make_brand(retention_days=30)
    late = store(joined, ago(days=50))
    forget_expired(by=expire)
    assert left(late) == [False], "a brand that joins others of its length brings older events"
    brand.configure({"retention_days": 10}, COMMAND)
    forget_expired(by=expire)
    assert left(middle) == [False]
    again = store(brand, ago(days=9))
    brand.configure({"retention_days": ""}, COMMAND)
    forget_expired(timezone.now() + timedelta(days=100), by=expire)
    assert left(again) == [True]


def test_a_long_walk_is_made_of_small_transactions_and_short_turns(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand.configure({"retention_days": 30}, COMMAND)
    send_at(ago(days=31), brand, "batch", {"batch": [track(userId=f"u{number}") for number in range(1999)]})
    kept = store(brand, ago(days=1))
    monkeypatch.setattr(expiry, "TURN_S", 0)
    expire = Expiry()
    with deletions() as seen:
        assert expire.turn() is MORE
        assert seen == [FEWEST], "one transaction, since the turn was over after it"
        until(lambda: expire.turn() is None)
    assert left(kept) == [True]
    assert Event.objects.count() == 1
    assert (sum(seen), max(seen) <= MOST) == (2000, True)


def test_brands_of_another_length_have_their_turn_while_one_has_much_to_delete(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand.configure({"retention_days": 30}, COMMAND)
    others = [make_brand(retention_days=days) for days in (20, 40, 50)]
    send_at(ago(days=31), brand, "batch", {"batch": [track(userId=f"u{number}") for number in range(1999)]})
    theirs = [store(other, ago(days=60)) for other in others]
    monkeypatch.setattr(expiry, "TURN_S", 0)
    expire = Expiry()
    for _ in range(4):
        assert expire.turn() is MORE
    assert left(*theirs) == [False] * 3
    assert Event.objects.filter(brand=brand).exists()
