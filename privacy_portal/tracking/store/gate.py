"""The gate: the statement that stores an event is the one that reads whether it may be stored.

Each statement sees every suppression answered before it began (READ COMMITTED on PostgreSQL, the write lock on
SQLite), and every event was received before that: so the window is zero, and suppressing takes no lock. A cache of
flags, or REPEATABLE READ, would open it. A gated event keeps a row with status and time, and neither payload nor key.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from django.db import connection

from privacy_portal.tracking.store.row import Row

COLUMNS = "event_id, brand_id, action, received_at, status, timestamp, subject_key, anonymous_key, body"
OPEN, OPEN_AND_FORWARDED = "stored", "forwarding"
_SECRETS = ("timestamp", "subject_key", "anonymous_key", "body")
_GIVEN = "event_id, brand_id, action, received_at, timestamp, subject_key, anonymous_key, body, dropped, key"
_STATUS = (
    "CASE WHEN f.suppressed THEN 'suppressed' WHEN f.no_track AND v.dropped THEN 'not_tracked' ELSE '{open}' END"
    " AS status"
)
# A call with a userId belongs to that userId alone (contract T14); one without, to everyone its device is linked to:
# any of them forbids it.
_PERSON = "subjects_subject"
_DEVICE = (
    "(SELECT l.anonymous_key AS key, {any}(s.suppressed) AS suppressed, {any}(s.no_track) AS no_track"
    " FROM subjects_link l JOIN subjects_subject s ON s.id = l.subject_id"
    " WHERE l.anonymous_key IN (SELECT key FROM v) GROUP BY l.anonymous_key)"
)
# SQLite steps through few long statements instead of many short ones: each step gives the interpreter away, and beside
# a busy event loop getting it back takes longer than the step. Few sizes, so that the statements stay prepared.
_AT_ONCE = (256, 64, 16, 4, 1)


def insert(rows: Iterable[Row], open_as: str = OPEN) -> None:
    """Store the rows, each as far as the gate lets it, in the caller's transaction. `open_as`: the status of what the
    gate lets in."""
    by_person: list[Row] = []
    by_device: list[Row] = []
    for row in rows:
        (by_device if row.subject_key is None else by_person).append(row)
    run = _insert_postgresql if connection.vendor == "postgresql" else _insert_sqlite
    for flags, group in ((_PERSON, by_person), (_DEVICE, by_device)):
        if group:
            run(flags, group, open_as)


def ask_again(ids: list[int]) -> None:
    """Close the gate behind those events that wait to be forwarded and may not be any more: nothing of them is kept
    that would not be had they come now. In the caller's transaction, as the last thing before they are read."""
    own = "UPDATE tracking_event SET status = g.status, drop_untracked = NULL, errors = NULL, "
    emptied = ", ".join(f"{name} = NULL" for name in _SECRETS)
    places = ", ".join(["%s"] * len(ids))
    any_of = "bool_or" if connection.vendor == "postgresql" else "max"
    for flags, key, whose in (
        (_PERSON, "subject_key", "subject_key IS NOT NULL"),
        (_DEVICE, "anonymous_key", "subject_key IS NULL"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH v AS (SELECT id, {key} AS key, drop_untracked AS dropped FROM tracking_event"
                f" WHERE id IN ({places}) AND status = '{OPEN_AND_FORWARDED}' AND {whose}) {own}{emptied} FROM ("
                f"SELECT v.id, {_STATUS.format(open=OPEN_AND_FORWARDED)} FROM v JOIN {flags.format(any=any_of)} f"
                f" ON f.key = v.key) g WHERE tracking_event.id = g.id AND g.status <> '{OPEN_AND_FORWARDED}'",
                ids,
            )


@cache
def _stores(open_as: str) -> str:
    """The beginning of the statement; only what is forwarded keeps what its gate must know when it is asked again."""
    kept = ", ".join(f"CASE WHEN g.status = '{open_as}' THEN g.{name} END" for name in _SECRETS)
    columns = COLUMNS
    if open_as == OPEN_AND_FORWARDED:
        columns += ", drop_untracked"
        kept += f", CASE WHEN g.status = '{open_as}' THEN g.dropped END"
    return f"INSERT INTO tracking_event ({columns}) SELECT event_id, brand_id, action, received_at, status, {kept}"


def _insert_sqlite(flags: str, rows: list[Row], open_as: str) -> None:
    raw: sqlite3.Connection = connection.connection
    at = 0
    for size in _AT_ONCE:
        while len(rows) - at >= size:
            values = [value for row in rows[at : at + size] for value in _sqlite_values(row)]
            with connection.wrap_database_errors:
                raw.execute(_sqlite_statement(flags, size, open_as), values)
            at += size


@cache
def _sqlite_statement(flags: str, size: int, open_as: str) -> str:
    row = f"({', '.join('?' * len(_GIVEN.split(',')))})"
    gate = flags.format(any="max")
    return (
        f"WITH v({_GIVEN}) AS (VALUES {', '.join([row] * size)}) {_stores(open_as)} FROM ("
        f"SELECT v.*, {_STATUS.format(open=open_as)} FROM v LEFT JOIN {gate} f ON f.key = v.key) g"
    )


def _sqlite_values(row: Row) -> tuple[Any, ...]:
    return (
        row.event_id.replace("-", ""), row.brand_id, row.action, _time(row.received_at), _time(row.timestamp),
        row.subject_key, row.anonymous_key, row.text, row.drop_untracked, _key(row),
    )  # fmt: skip


def _time(moment: datetime) -> str:
    """A UTC time as Django writes it on SQLite; its own way of getting there takes longer than the row's INSERT."""
    return moment.isoformat(" ")[:-6]  # without the "+00:00"


def _insert_postgresql(flags: str, rows: list[Row], open_as: str) -> None:
    values = [
        (row.event_id, row.brand_id, row.action, row.received_at, row.timestamp,
         row.subject_key, row.anonymous_key, row.text, row.drop_untracked, _key(row))
        for row in rows
    ]  # fmt: skip
    columns: list[Any] = [list(column) for column in zip(*values, strict=True)]
    # Django's cursor would write the values into the statement: both sides then read and write each byte as text, and
    # the server plans it anew each time. That took four times as long as all the rest.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_postgresql_statement(flags, open_as), columns, prepare=True)


@cache
def _postgresql_statement(flags: str, open_as: str) -> str:
    types = "uuid[], bigint[], text[], timestamptz[], timestamptz[], bytea[], bytea[], bytea[], boolean[], bytea[]"
    arrays = ", ".join(f"%b::{kind}" for kind in types.split(", "))
    gate = flags.format(any="bool_or")
    return (
        f"WITH v AS (SELECT * FROM unnest({arrays}) AS u({_GIVEN})) {_stores(open_as)} FROM ("
        f"SELECT v.*, {_STATUS.format(open=open_as)} FROM v LEFT JOIN {gate} f ON f.key = v.key) g"
        " ORDER BY g.event_id"  # a join may change the order, and ids follow that of arrival
    )


def _key(row: Row) -> bytes | None:
    return row.anonymous_key if row.subject_key is None else row.subject_key
