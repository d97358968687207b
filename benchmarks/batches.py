"""Batches of 100 calls with a context they share and a messageId each, against the rows alone.

The rows alone are what the portal leaves behind for the same batches (100 events, the batch, 100 messageIds) in tables
made by the same migrations, written by one connection that checks nothing and has them ready beforehand: `executemany`
on SQLite, binary COPY on PostgreSQL, a transaction for each batch. With a transaction for each ten batches, too, which
is the most that the portal puts into one.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import urandom
from statistics import median
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.contender import ROUNDS, SECONDS, STORES, Contender, portal_on
from benchmarks.durable_events import bodies as single_bodies
from benchmarks.job import NEW
from benchmarks.stage import Stage
from privacy_portal.ids import new_id

CALLS = 100
CONNECTIONS = 8
GROUPS = {"a transaction a batch": 1, "a transaction for ten": 10}
PATH = "/track/bench/bench/BENCH/v1/batch"
CONTEXT = {"app": {"name": "shop", "version": "7.1"}, "library": {"name": "bench", "version": "1"}, "timezone": "UTC"}
EVENT = (
    "event_id", "brand_id", "action", "received_at", "status", "timestamp", "subject_key", "anonymous_key", "body",
)  # fmt: skip
MESSAGE = ("key", "event_id", "received_at")
Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


def bodies() -> list[str]:
    """Every call carries a context of its own, so that the shared one is merged under it."""
    calls = [json.loads(body) for body in single_bodies("userId")]
    return [
        json.dumps({
            "context": CONTEXT,
            "batch": [
                call | {"type": "track", "messageId": f"{NEW}-{number}"}
                for number, call in enumerate(calls[start:start + CALLS])
            ],
        })
        for start in range(0, len(calls), CALLS)
    ]  # fmt: skip


def measure() -> dict[str, Any]:
    return {name: _measure(name, store) for name, store in STORES.items()}


def _measure(name: str, store: str) -> dict[str, Any]:
    with portal_on(store) as (served, url), portal_on(store) as (bare, bare_url):
        portal = Contender("portal", served, bodies(), url, path=PATH, calls=CALLS, extra_rows=1)
        rates: dict[str, list[float]] = {group: [] for group in GROUPS}
        for _ in range(ROUNDS):
            portal.measure(CONNECTIONS)
            for group, batches in GROUPS.items():
                with _copy(bare_url) if store else _executemany(bare) as write:
                    rates[group].append(_rate(write, batches, bool(store)))
    baseline = "COPY" if store else "executemany"
    table: dict[str, Any] = {"portal, events a second": portal.per_second}
    for group in GROUPS:
        rate = round(median(rates[group]), 1)
        table[f"{baseline}, {group}, events a second"] = rate
        table[f"portal : {baseline}, {group}"] = round(portal.per_second / rate, 2)
    return table | {"load tool's share of a core": portal.tool_cpu}


def _rate(write: Callable[[list[Rows]], None], batches: int, native: bool) -> float:
    """Events a second; making the rows is not counted."""
    spent, written = 0.0, 0
    while spent < SECONDS:
        group = [_rows(native) for _ in range(batches)]
        began = time.perf_counter()
        write(group)
        spent += time.perf_counter() - began
        written += CALLS * batches
    return written / spent


def _rows(native: bool) -> Rows:
    """What one batch leaves, as the driver takes it. `native`: the database knows UUIDs and times."""
    now = datetime.now(UTC)
    when: Any = now if native else now.replace(tzinfo=None).isoformat(" ")
    ids = [new_id() for _ in range(CALLS + 1)]
    batch, calls = ids[0], ids[1:]

    def known(pk: UUID) -> Any:
        return pk if native else pk.hex

    events: list[tuple[Any, ...]] = [
        (known(pk), 1, "track", when, "stored", when, KEYS[number % len(KEYS)], None, TEXT)
        for number, pk in enumerate(calls)
    ]
    ids_of_calls = b"".join(pk.bytes for pk in calls)
    events.append((known(batch), 1, "batch", when, "stored", when, None, None, ids_of_calls))
    return events, [(urandom(16), known(pk), when) for pk in calls]


KEYS = [urandom(16) for _ in range(200)]
_call = json.loads(bodies()[0])["batch"][0]
TEXT = json.dumps(_call | {"messageId": "-" * 24, "context": CONTEXT | _call["context"]}).encode()


@contextmanager
def _executemany(bare: Stage) -> Iterator[Callable[[list[Rows]], None]]:
    """With the product's own pragmas: as durable, and as careful with what is erased."""
    from privacy_portal.sqlite.base import PRAGMAS

    connection = sqlite3.connect(bare.folder / "portal.sqlite3", isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()
    statements = [_insert("tracking_event", EVENT), _insert("tracking_message", MESSAGE)]

    def write(group: list[Rows]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement, rows in zip(statements, _together(group), strict=True):
            connection.executemany(statement, rows)
        connection.execute("COMMIT")

    try:
        yield write
    finally:
        connection.close()


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


@contextmanager
def _copy(url: str) -> Iterator[Callable[[list[Rows]], None]]:
    statements = [
        (f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)", types)
        for table, columns, types in (
            ("tracking_event", EVENT, "uuid int8 varchar timestamptz varchar timestamptz bytea bytea bytea"),
            ("tracking_message", MESSAGE, "bytea uuid timestamptz"),
        )
    ]
    with psycopg.connect(url) as connection:

        def write(group: list[Rows]) -> None:
            for (statement, types), rows in zip(statements, _together(group), strict=True):
                with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                    copy.set_types(types.split())
                    for row in rows:
                        copy.write_row(row)
            connection.commit()

        yield write


def _together(group: list[Rows]) -> Rows:
    return [row for events, _ in group for row in events], [row for _, messages in group for row in messages]
