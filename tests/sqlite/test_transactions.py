"""Transactions of the embedded default: durable, one writer at a time, the turn always given back."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from privacy_portal.durable.models import Heartbeat
from privacy_portal.sqlite.turn import Turn
from tests.waiting import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.EMBEDDED, reason="about SQLite only"),
]


@pytest.fixture
def others_turn() -> Iterator[Turn]:
    turn = Turn(Path(connection.settings_dict["NAME"]), 0.05)
    yield turn
    turn.close()


def waits_for_a_turn() -> bool:
    """Whether a thread of this process does: another one stands in `flock` for it."""
    return any("_lock_and_close" in thread.name for thread in threading.enumerate())


def pragma(name: str) -> object:
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 10_000),
        ("temp_store", 2),
        ("mmap_size", 1_073_741_824),
    ],
)
def test_each_connection_is_set_up(name: str, value: object) -> None:
    assert pragma(name) == value


def test_a_transaction_holds_the_turn_from_its_start_to_its_commit(others_turn: Turn) -> None:
    with transaction.atomic():
        assert not others_turn.take()
        with transaction.atomic():
            Heartbeat.beat("test")
        assert not others_turn.take()
    assert others_turn.take()


def test_a_single_statement_waits_for_its_turn_and_gives_it_back(others_turn: Turn) -> None:
    Heartbeat.beat("test")
    assert others_turn.take()
    writing = threading.Thread(target=lambda: (Heartbeat.objects.update(name="written"), connection.close()))
    writing.start()
    until(waits_for_a_turn, 20, "it to wait")
    assert writing.is_alive()
    assert Heartbeat.objects.get().name == "test", "and who reads waits for nobody"
    others_turn.give_back()
    writing.join(30)
    assert Heartbeat.objects.get().name == "written"
    assert others_turn.take()


def test_a_transaction_is_a_writer_at_once() -> None:
    with transaction.atomic(), sqlite3.connect(connection.settings_dict["NAME"], timeout=0) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()


def test_an_error_gives_the_turn_back(others_turn: Turn) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    assert others_turn.take()


def test_a_refused_row_gives_the_turn_back(others_turn: Turn) -> None:
    Heartbeat.beat("test")
    with pytest.raises(IntegrityError), transaction.atomic():
        Heartbeat.objects.create(name="test", at=Heartbeat.objects.get().at)
    assert others_turn.take()


def test_closing_the_connection_inside_a_transaction_gives_the_turn_back(others_turn: Turn) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.close()
        assert others_turn.take()
        others_turn.give_back()
        Heartbeat.beat("test")
    assert others_turn.take()


def test_a_begin_that_fails_gives_the_turn_back(others_turn: Turn) -> None:
    writer = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(DatabaseError), transaction.atomic():
        pass
    assert others_turn.take()
    writer.close()
    connection.close()


def test_threads_write_one_after_another_and_lose_nothing() -> None:
    Heartbeat.beat("count")
    failures: list[Exception] = []

    def write() -> None:
        try:
            for number in range(20):
                Heartbeat.beat(f"{threading.get_ident()}-{number}")
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert Heartbeat.objects.count() == 81
