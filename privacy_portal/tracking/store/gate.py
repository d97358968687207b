"""The gate: the statement that stores an event is the one that reads whether it may be stored.

Each statement sees every suppression answered before it began (READ COMMITTED on PostgreSQL, the write lock on
SQLite), and every event was received before that: so the window is zero, and suppressing takes no lock. A cache of
flags, or REPEATABLE READ, would open it. A gated event keeps a row with status and time, and neither payload nor key.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from privacy_portal.tracking.store.row import Row

COLUMNS = "event_id, brand_id, action, received_at, status, timestamp, subject_key, anonymous_key, body"
_FLAGS = {
    # A call with a userId belongs to that userId alone (contract T14) …
    "person": "SELECT {any}(suppressed) AS suppressed, {any}(no_track) AS no_track "
    "FROM subjects_subject WHERE key = {key}",
    # … one without, to everyone its device is linked to; any of them forbids it.
    "device": "SELECT {any}(s.suppressed) AS suppressed, {any}(s.no_track) AS no_track "
    "FROM subjects_link l JOIN subjects_subject s ON s.id = l.subject_id WHERE l.anonymous_key = {key}",
}
_STATUS = (
    "CASE WHEN f.suppressed THEN 'suppressed' WHEN f.no_track AND {drop} THEN 'not_tracked' ELSE 'stored' END AS status"
)
_KEPT = ", ".join(
    f"CASE WHEN g.status = 'stored' THEN g.{name} END" for name in ("timestamp", "subject_key", "anonymous_key", "body")
)


def insert(rows: Iterable[Row]) -> None:
    """Store the rows, each as far as the gate lets it, in the caller's transaction."""
    by_person: list[Row] = []
    by_device: list[Row] = []
    for row in rows:
        (by_device if row.subject_key is None else by_person).append(row)
    run = _insert_postgresql if connection.vendor == "postgresql" else _insert_sqlite
    for flags, group in (("person", by_person), ("device", by_device)):
        if group:
            run(flags, group)


def _insert_sqlite(flags: str, rows: list[Row]) -> None:
    gate = _FLAGS[flags].format(any="max", key="%s")
    statement = (
        f"INSERT INTO tracking_event ({COLUMNS}) SELECT event_id, brand_id, action, received_at, status, {_KEPT} FROM ("
        "SELECT %s AS event_id, %s AS brand_id, %s AS action, %s AS received_at, %s AS timestamp, %s AS subject_key, "
        f"%s AS anonymous_key, %s AS body, {_STATUS.format(drop='%s')} FROM ({gate}) f) g"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                (row.event_id.hex, row.brand_id, row.action, _time(row.received_at), _time(row.timestamp),
                 row.subject_key, row.anonymous_key, row.text, row.drop_untracked, _key(row))
                for row in rows
            ],
        )  # fmt: skip


def _time(moment: datetime) -> str:
    """A UTC time as Django writes it on SQLite; its own way of getting there takes longer than the row's INSERT."""
    return moment.replace(tzinfo=None).isoformat(" ")


def _insert_postgresql(flags: str, rows: list[Row]) -> None:
    gate = _FLAGS[flags].format(any="bool_or", key="u.key")
    columns = "event_id, brand_id, action, received_at, timestamp, subject_key, anonymous_key, body, dropped, key"
    types = "uuid[], bigint[], text[], timestamptz[], timestamptz[], bytea[], bytea[], bytea[], boolean[], bytea[]"
    arrays = ", ".join(f"%s::{kind.strip()}" for kind in types.split(","))
    statement = (
        f"INSERT INTO tracking_event ({COLUMNS}) SELECT event_id, brand_id, action, received_at, status, {_KEPT} FROM ("
        f"SELECT u.*, {_STATUS.format(drop='u.dropped')} FROM unnest({arrays}) AS u({columns}) "
        f"LEFT JOIN LATERAL ({gate}) f ON true) g"
    )
    values = [
        (row.event_id, row.brand_id, row.action, row.received_at, row.timestamp,
         row.subject_key, row.anonymous_key, row.text, row.drop_untracked, _key(row))
        for row in rows
    ]  # fmt: skip
    parameters: list[Any] = [list(column) for column in zip(*values, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _key(row: Row) -> bytes | None:
    return row.anonymous_key if row.subject_key is None else row.subject_key
