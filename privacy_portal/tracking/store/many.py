"""One statement for many rows, given by `{rows}` in its text.

PostgreSQL takes them as arrays, in binary, by a prepared statement. Django's cursor would write the values into the
statement: both sides then read and write each byte as text, and the server plans it anew each time. That took four
times as long as all the rest.

SQLite takes VALUES, in few long statements instead of many short ones: each step gives the interpreter away, and
getting it back beside a busy thread takes longer than the step.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    import psycopg

_AT_ONCE = (256, 64, 16, 4, 1)  # few sizes, so that the statements stay prepared
Rows = Sequence[tuple[Any, ...]]


def execute(statement: str, types: str, rows: Rows, *more: Any) -> int:
    """How many rows it changed. `types`: PostgreSQL's, of the columns; `more`: for the `%s` behind the rows."""
    return sum(cursor.rowcount for cursor in _cursors(statement, types, rows, more))


def fetch(statement: str, types: str, rows: Rows, *more: Any) -> list[Any]:
    """What it returns; ids may come as hexadecimal text."""
    return [row for cursor in _cursors(statement, types, rows, more) for row in cursor.fetchall()]


def _cursors(
    statement: str, types: str, rows: Rows, more: tuple[Any, ...]
) -> "Iterator[sqlite3.Cursor | psycopg.Cursor]":
    if not rows:
        return
    connection.ensure_connection()
    raw = connection.connection
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            import psycopg

            with psycopg.Cursor(raw) as cursor:
                yield cursor.execute(_of_arrays(statement, types), [*columns, *more], prepare=True)
            return
        rows = list(zip(*map(_as_kept, types.split(), columns), strict=True))
        further = [_time(value) if isinstance(value, datetime) else value for value in more]
        at = 0
        for size in _AT_ONCE:
            while len(rows) - at >= size:
                values = [value for row in rows[at : at + size] for value in row]
                yield raw.execute(_of_values(statement, types, size), values + further)
                at += size


def _as_kept(kind: str, column: list[Any]) -> list[Any]:
    """A column as Django writes it on SQLite."""
    if kind == "uuid":
        return [str(value).replace("-", "") for value in column]
    return [_time(value) for value in column] if kind == "timestamptz" else column


def _time(moment: datetime) -> str:
    """Of a UTC time; Django's own way of getting there takes longer than the row's INSERT."""
    return moment.isoformat(" ")[:-6]  # without the "+00:00"


@cache
def _of_arrays(statement: str, types: str) -> bytes:
    arrays = ", ".join(f"%b::{kind}[]" for kind in types.split())
    return statement.format(rows=f"SELECT * FROM unnest({arrays})").encode()


@cache
def _of_values(statement: str, types: str, size: int) -> str:
    row = f"({', '.join('?' * len(types.split()))})"
    return statement.format(rows=f"VALUES {', '.join([row] * size)}").replace("%s", "?")
