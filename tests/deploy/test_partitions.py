"""A database from before there were partitions: `manage.py migrate` divides its events and loses none."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg

from tests.deploy.roles import SETTINGS
from tests.end_to_end.servers import database
from tests.portal import Portal

FILL = """
INSERT INTO brands_brand (client, account, code, "values", secrets, created_at) VALUES ('a', 'a', 'A', '{}', '', now());
INSERT INTO tracking_event (event_id, brand_id, action, status, received_at, timestamp, subject_key, body)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || lpad(to_hex(number), 20, '0'))::uuid,
    (SELECT id FROM brands_brand), 'track', 'stored', at, at, 'key', 'body'
FROM generate_series(1, 40) AS number, LATERAL (SELECT now() + (number - 35) * interval '20 days' AS at) AS moment
"""
WHOLE = "SELECT id, event_id, brand_id, status, received_at, subject_key, body FROM tracking_event ORDER BY id"


def migrate(portal: Portal, *target: str) -> None:
    done = portal.manage("migrate", *target, "--no-input", "--verbosity", "0")
    assert done.returncode == 0, done.stderr


def test_events_from_before_lie_in_partitions_afterwards(tmp_path: Path) -> None:
    with database() as url:
        portal = Portal(tmp_path, environment={"DATABASE_URL": url, **SETTINGS})
        migrate(portal, "tracking", "0003")
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(FILL)
            before = owner.execute(WHOLE).fetchall()
            migrate(portal)
            assert owner.execute(WHOLE).fetchall() == before
            where = dict(
                owner.execute("SELECT tableoid::regclass::text, count(*) FROM tracking_event GROUP BY 1").fetchall()
            )
            this_month = f"tracking_event_{datetime.now(UTC):%Y_%m}"
            assert where[this_month] >= 35, "what was there stays in place"
            assert sum(where.values()) == 40, "what a clock that was ahead has dated lies further on"
            assert where["tracking_event_default"] >= 1
            made = owner.execute(FILL.split(";")[1] + " WHERE number = 35 RETURNING id").fetchall()
            assert made == [(41,)], "ids go on where they were"
            validated = owner.execute("SELECT bool_and(convalidated) FROM pg_constraint").fetchone()
            assert validated == (True,)
