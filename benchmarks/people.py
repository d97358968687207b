"""Fills a portal's database with people who are suppressed: `python -m benchmarks.people COUNT`, in its environment.

Their keys are spread evenly, as those of real people are, and come in order, so that ten million take a minute or two:
no page of an index is visited twice.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator

import django

_COLUMNS = "id, brand_id, key, suppressed, no_track, created_at"


def main(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_portal.settings"
    django.setup()
    from django.db import connection

    (_fill_postgresql if connection.vendor == "postgresql" else _fill_sqlite)(count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE subjects_subject" if connection.vendor == "postgresql" else "ANALYZE")


def _fill_postgresql(count: int) -> None:
    """In two halves: a bigint from the middle on is negative, and its bytes go on rising."""
    from django.db import connection

    step, half = 2**64 // count, count // 2
    with connection.cursor() as cursor:
        for first, last, shift in ((0, half, 0), (half, count, count)):
            cursor.execute(
                f"INSERT INTO subjects_subject ({_COLUMNS}) SELECT lpad(to_hex(n), 32, '0')::uuid, 1,"
                " int8send((n - %s) * %s) || int8send((random() * 9e18)::bigint), true, false, now()"
                " FROM generate_series(%s::bigint, %s) AS n",
                [shift, step, first, last - 1],
            )


def _fill_sqlite(count: int) -> None:
    """By a connection of its own, which keeps no journal: nobody else has the database open."""
    from django.db import connection

    filling = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
        filling.execute(f"PRAGMA {pragma}").close()
    filling.execute("BEGIN")
    filling.executemany(
        f"INSERT INTO subjects_subject ({_COLUMNS}) VALUES (?, 1, ?, true, false, '2026-01-01 00:00:00')",
        _people(count),
    )
    filling.execute("COMMIT")
    filling.close()


def _people(count: int) -> Iterator[tuple[str, bytes]]:
    step = 2**64 // count
    for number in range(count):
        yield f"{number:032x}", (number * step).to_bytes(8, "big") + os.urandom(8)


main(int(sys.argv[1]))
