"""The gate: the statement that stores an event is the one that reads whether it may be stored.

Each statement sees every suppression answered before it began (READ COMMITTED on PostgreSQL, the write lock on
SQLite), and every event was received before that: so the window is zero, and suppressing takes no lock. A cache of
flags, or REPEATABLE READ, would open it. A gated event keeps a row with status and time, and neither payload nor key.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection

from privacy_portal.tracking.store import many
from privacy_portal.tracking.store.row import Row

COLUMNS = "event_id, brand_id, action, received_at, status, timestamp, subject_key, anonymous_key, body"
OPEN, OPEN_AND_FORWARDED = "stored", "forwarding"
_SECRETS = ("timestamp", "subject_key", "anonymous_key", "body")
_GIVEN = "event_id, brand_id, action, received_at, timestamp, subject_key, anonymous_key, body, dropped, public, key"
_STATUS = (
    "CASE WHEN f.suppressed THEN 'suppressed' WHEN f.no_track AND v.dropped THEN 'not_tracked' ELSE '{open}' END"
    " AS status"
)
_ANY_OF = {"postgresql": "bool_or", "sqlite": "max"}
# A call with a userId belongs to that userId alone (contract T14); one without, to everyone its device is linked to:
# any of them forbids it.
_PERSON = "subjects_subject"
_DEVICE = (
    "(SELECT l.anonymous_key AS key, {any}(s.suppressed) AS suppressed, {any}(s.no_track) AS no_track"
    " FROM subjects_link l JOIN subjects_subject s ON s.id = l.subject_id"
    " WHERE l.anonymous_key IN (SELECT key FROM v) GROUP BY l.anonymous_key)"
)
_TYPES = "uuid bigint text timestamptz timestamptz bytea bytea bytea boolean boolean bytea"


def insert(rows: Iterable[tuple[Row, bool]], open_as: str = OPEN) -> None:
    """Store the rows, each as far as the gate lets it, in the caller's transaction, and of what is forwarded whether it
    came by a public token. `open_as`: the status of what the gate lets in."""
    by_person: list[tuple[Any, ...]] = []
    by_device: list[tuple[Any, ...]] = []
    for row, public in rows:
        (by_device if row.subject_key is None else by_person).append(_values(row, public))
    for flags, group in ((_PERSON, by_person), (_DEVICE, by_device)):
        if group:
            many.execute(_statement(flags, open_as, connection.vendor), _TYPES, group)


def ask_again(ids: list[int]) -> None:
    """Close the gate behind those events that wait to be forwarded and may not be any more: nothing of them is kept
    that would not be had they come now. In the caller's transaction, as the last thing before they are read."""
    own = "UPDATE tracking_event SET status = g.status, drop_untracked = NULL, public = NULL, errors = NULL, "
    emptied = ", ".join(f"{name} = NULL" for name in _SECRETS)
    places = ", ".join(["%s"] * len(ids))
    any_of = _ANY_OF[connection.vendor]
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
    """The beginning of the statement; only what is forwarded keeps what must be known of it when it is sent."""
    kept = ", ".join(f"CASE WHEN g.status = '{open_as}' THEN g.{name} END" for name in _SECRETS)
    columns = COLUMNS
    if open_as == OPEN_AND_FORWARDED:
        columns += ", drop_untracked, public"
        kept += "".join(f", CASE WHEN g.status = '{open_as}' THEN g.{name} END" for name in ("dropped", "public"))
    return f"INSERT INTO tracking_event ({columns}) SELECT event_id, brand_id, action, received_at, status, {kept}"


@cache
def _statement(flags: str, open_as: str, vendor: str) -> str:
    gate = flags.format(any=_ANY_OF[vendor])
    # A join may change the order, and ids follow that of arrival.
    order = " ORDER BY g.event_id" if vendor == "postgresql" else ""
    return (
        f"WITH v({_GIVEN}) AS ({{rows}}) {_stores(open_as)} FROM ("
        f"SELECT v.*, {_STATUS.format(open=open_as)} FROM v LEFT JOIN {gate} f ON f.key = v.key) g{order}"
    )


def _values(row: Row, public: bool) -> tuple[Any, ...]:
    key = row.anonymous_key if row.subject_key is None else row.subject_key
    return (
        row.event_id, row.brand_id, row.action, row.received_at, row.timestamp,
        row.subject_key, row.anonymous_key, row.text, row.drop_untracked, public, key,
    )  # fmt: skip
