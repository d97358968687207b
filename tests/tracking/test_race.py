"""The window is zero (contract T13): raced on the real store, with as many writers as a small machine carries.

Flags read 20 ms before the statement that stores, by a cache or by a query of its own, let events through here.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.tracking.models import Event
from regulations.models import Step
from tests.factories.brands import make_brand
from tests.factories.events import send
from tests.factories.regulations import ask
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True), pytest.mark.timeout(170)]
WRITERS = 3
PEOPLE = 6
ENOUGH = 12


@contextmanager
def flood(brand: Brand, calls: list[dict[str, Any]]) -> Iterator[None]:
    """Writers with connections of their own that send these calls, in batches and alone, until the block ends."""
    ended = threading.Event()
    faults: list[Exception] = []

    def write() -> None:
        try:
            while not ended.is_set():
                send(brand, "batch", {"batch": calls})
                send(brand, "screen", calls[0])
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    assert faults == []


def counted(number: int, **which: Any) -> Callable[[], bool]:
    return lambda: Event.objects.calls().filter(**which).count() >= number


def test_nothing_received_after_the_answer_is_stored() -> None:
    brand = make_brand()
    for person in range(PEOPLE):
        user_id = f"u{person}"
        Event.objects.all().delete()
        with flood(brand, [{"userId": user_id, "type": "screen"}] * 3):
            until(counted(ENOUGH, status="stored"), 60)
            ask(brand, "suppress", user_id)
            answered = datetime.now(UTC)
            until(counted(ENOUGH, status="suppressed", received_at__gt=answered), 60)
        assert not Event.objects.calls().filter(status="stored", received_at__gt=answered).exists()
        assert counted(ENOUGH, status="stored")()


def test_a_device_is_closed_at_once_too() -> None:
    brand = make_brand()
    send(brand, "screen", {"userId": "u1", "anonymousId": "a1"})
    with flood(brand, [{"anonymousId": "a1", "type": "screen"}] * 3):
        until(counted(ENOUGH, subject_key=None, status="stored"), 60)
        ask(brand, "suppress", "u1")
        answered = datetime.now(UTC)
        until(counted(ENOUGH, status="suppressed", received_at__gt=answered), 60)
    assert not Event.objects.calls().filter(status="stored", received_at__gt=answered).exists()


def test_what_was_in_flight_never_survives_a_delete() -> None:
    brand = make_brand(upstream_url="http://127.0.0.1:1/identify", upstream_token="t")
    calls = [{"userId": "u1", "anonymousId": "a1"}, {"anonymousId": "a1"}, {"anonymousId": "a2"}]
    with flood(brand, [{"type": "screen", **call} for call in calls]):
        until(counted(ENOUGH, status="stored"), 60)
        regulation = ask(brand, "suppress_and_delete", "u1")
        work_until_idle()
        erased = Step.objects.filter(regulation=regulation, action="erase", status="finished")
        until(lambda: erased.exists() or work_until_idle(), 60)
        link = {"type": "screen", "userId": "u1", "anonymousId": "a2"}
        send(brand, "batch", {"batch": [link]})
        until(counted(ENOUGH, status="suppressed"), 60)
    assert not Event.objects.calls().filter(status="stored").exists()
