"""Connections are kept for the next request, and never on a file that is no longer the database."""

import sqlite3
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from privacy_portal.sqlite.kept import AT_MOST, Kept


@pytest.fixture
def kept() -> Kept:
    return Kept()


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None)


@pytest.mark.django_db(transaction=True)
def test_the_next_thread_s_connection_is_the_one_that_was_let_go() -> None:
    connection.ensure_connection()
    raw = connection.connection
    connection.close()
    connection.ensure_connection()
    assert connection.connection is raw


@pytest.mark.django_db(transaction=True)
def test_one_that_met_an_error_is_not_kept() -> None:
    connection.ensure_connection()
    raw = connection.connection
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT nothing")
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.execute("SELECT 1")


def test_a_file_that_was_replaced_gets_a_new_connection(kept: Kept, tmp_path: Path) -> None:
    database, restored = tmp_path / "portal.sqlite3", tmp_path / "restored.sqlite3"
    for path in (database, restored):
        opened(path).execute("CREATE TABLE t (x)")
    old = opened(database)
    assert kept.give(str(database), old)
    restored.replace(database)
    assert kept.take(str(database)) is None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        old.execute("SELECT 1")


def test_one_in_a_transaction_is_its_owner_s_to_close(kept: Kept, tmp_path: Path) -> None:
    busy = opened(tmp_path / "portal.sqlite3")
    busy.execute("BEGIN IMMEDIATE")
    assert not kept.give(str(tmp_path / "portal.sqlite3"), busy)


def test_no_more_than_a_few_are_kept(kept: Kept, tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    held = [opened(path) for _ in range(AT_MOST + 1)]
    assert all(kept.give(str(path), connection) for connection in held)
    assert [kept.take(str(path)) for _ in range(AT_MOST + 1)] == [*reversed(held[1:]), None]
