"""A store that is away, locked, full or slow (contract T3, 503 and 504): nothing is let through, and it recovers."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.db import connection, transaction
from prometheus_client import REGISTRY, generate_latest

from privacy_portal.subjects.models import Subject
from privacy_portal.tracking import access, writer
from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, message_of, track
from tests.waiting import until

pytestmark = pytest.mark.engine


def assert_try_again(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert int(answer.headers["retry-after"]) > 0
    assert "send again with the same messageId" in message_of(answer)


@contextmanager
def without(table: str) -> Iterator[None]:
    """The real store, with this table gone."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO gone_{table}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE gone_{table} RENAME TO {table}")


def test_a_store_that_fails_is_503_and_then_recovers(door: Caller) -> None:
    with without("tracking_message"):
        assert_try_again(door.post("track", track(messageId="m1")), 503)
    door.taken("track", track(messageId="m1"))
    assert Event.objects.count() == 1


def test_a_gate_that_cannot_be_read_lets_nothing_through(door: Caller) -> None:
    with without("subjects_subject"):
        assert_try_again(door.post("track", track()), 503)
    assert not Event.objects.exists()


def test_tokens_that_cannot_be_read_open_nothing(door: Caller) -> None:
    with without("brands_authtoken"):
        assert_try_again(door.post("track", track()), 503)


def test_a_full_queue_is_503(door: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_PENDING_BYTES", 10)
    assert_try_again(door.post("track", track()), 503)
    monkeypatch.undo()
    door.taken("track", track())


def test_a_store_that_does_not_answer_in_time_is_504_and_the_message_id_makes_it_one(
    door: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.taken("track", track(event="warm"))
    monkeypatch.setattr(writer, "PATIENCE", 0.2)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("LOCK TABLE tracking_event IN EXCLUSIVE MODE")
            held.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    try:
        assert_try_again(door.post("track", track(messageId="m1")), 504)
    finally:
        release.set()
        holder.join()
    monkeypatch.undo()
    event_id = door.taken("track", track(messageId="m1"))
    until(lambda: Event.objects.filter(event_id=event_id).exists())
    assert Event.objects.count() == 2


def test_one_bad_request_does_not_fail_those_it_was_grouped_with(door: Caller) -> None:
    trigger = "no_poison"
    if connection.vendor == "sqlite":
        poison = f"CREATE TRIGGER {trigger} BEFORE INSERT ON tracking_event WHEN NEW.action = 'group' "
        poison += "BEGIN SELECT RAISE(ABORT, 'poison'); END"
        cure = f"DROP TRIGGER {trigger}"
    else:
        poison = f"ALTER TABLE tracking_event ADD CONSTRAINT {trigger} CHECK (action <> 'group')"
        cure = f"ALTER TABLE tracking_event DROP CONSTRAINT {trigger}"
    with connection.cursor() as cursor:
        cursor.execute(poison)
        try:
            answers = door.together(
                [("track", track()), ("group", {"userId": "u", "groupId": "g"}), ("track", track())]
            )
        finally:
            cursor.execute(cure)
    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert Event.objects.count() == 2


@pytest.mark.postgresql
def test_a_restarted_server_costs_no_event(door: Caller) -> None:
    door.taken("track", track())
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        door.taken("track", track())
    assert Event.objects.count() == 4


def test_logs_and_metrics_hold_nothing_personal_at_any_level(door: Caller, caplog: pytest.LogCaptureFixture) -> None:
    secret = "jane-doe-4711"
    with caplog.at_level(logging.DEBUG):
        Subject.objects.ensure(door.brand, secret)[0].suppress()
        traits = {"email": f"{secret}@example.com", "marketingPreferences": {"channels": [secret]}}
        door.taken("identify", {"userId": secret, "anonymousId": secret, "event": "identify", "traits": traits})
        door.refused("track", {"userId": secret, "event": secret, "timestamp": secret})
        door.post("track", b'{"userId": "%s' % secret.encode())
        with without("tracking_event"):
            door.post("track", track(userId=secret, event=secret))
        with without("brands_brand"):
            until(lambda: door.post("track", track(userId=secret)).status_code == 503, access.FRESH * 4)
    told = caplog.text + generate_latest(REGISTRY).decode()
    assert secret not in told
    assert door.token not in told
