"""Fills a portal's database with people who are suppressed: `python -m benchmarks.people COUNT`, in its environment."""

import os
import sys

import django

_MAKE = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) INSERT INTO subjects_subject"
        " (id, brand_id, key, suppressed, no_track, created_at)"
        " SELECT lower(hex(randomblob(16))), 1, randomblob(16), true, false, '2026-01-01 00:00:00' FROM n"
    ),
    "postgresql": (
        "INSERT INTO subjects_subject (id, brand_id, key, suppressed, no_track, created_at)"
        " SELECT gen_random_uuid(), 1, decode(md5(random()::text), 'hex'), true, false, now()"
        " FROM generate_series(1, %s)"
    ),
}


def main(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_portal.settings"
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_MAKE[connection.vendor], [count])
        cursor.execute("ANALYZE")


main(int(sys.argv[1]))
