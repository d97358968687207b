"""A database from before there were partitions: `manage.py migrate` divides its events and loses none."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.deploy.roles import SETTINGS
from tests.end_to_end.servers import database
from tests.portal import Portal

BRAND = """
INSERT INTO brands_brand (client, account, code, values, secrets, created_at) VALUES ('a', 'a', 'A', '{}', '', now())
"""
EVENTS = """
INSERT INTO tracking_event (event_id, brand_id, action, status, received_at, timestamp, subject_key, body)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || lpad(to_hex(number), 20, '0'))::uuid,
    (SELECT id FROM brands_brand), 'track', 'stored', at, at, 'key', 'body'
FROM generate_series(1, 40) AS number, LATERAL (SELECT now() + (number - 35) * interval '20 days' AS at) AS moment
"""
WHOLE = "SELECT id, event_id, brand_id, status, received_at, subject_key, body FROM tracking_event ORDER BY id"


@dataclass
class Divided:
    url: str
    owner: psycopg.Connection[Any]
    before: list[Any]

    def ask(self, question: str) -> list[Any]:
        return self.owner.execute(question).fetchall()


def migrate(portal: Portal, *target: str) -> None:
    done = portal.manage("migrate", *target, "--no-input", "--verbosity", "0")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Divided]:
    """35 events of the last two years, and five that a clock which was ahead has dated."""
    with database() as url, psycopg.connect(url, autocommit=True) as owner:
        portal = Portal(tmp_path_factory.mktemp("divided"), environment={"DATABASE_URL": url, **SETTINGS})
        migrate(portal, "tracking", "0003")
        owner.execute(BRAND)
        owner.execute(EVENTS)
        before = owner.execute(WHOLE).fetchall()
        migrate(portal)
        yield Divided(url, owner, before)


def test_every_event_is_there_and_most_lie_where_they_lay(divided: Divided) -> None:
    assert divided.ask(WHOLE) == divided.before
    where = dict(divided.ask("SELECT tableoid::regclass::text, count(*) FROM tracking_event GROUP BY 1"))
    assert where[f"tracking_event_{datetime.now(UTC):%Y_%m}"] >= 35
    assert where["tracking_event_default"] >= 1
    assert sum(where.values()) == 40


def test_ids_go_on_where_they_were_and_event_ids_stay_unique(divided: Divided) -> None:
    another = EVENTS + " WHERE number = 35 RETURNING id"
    with divided.owner.transaction(force_rollback=True):
        assert divided.ask(another) == [(41,)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        divided.owner.execute(
            "INSERT INTO tracking_event (event_id, brand_id, action, status, received_at)"
            " SELECT event_id, brand_id, action, status, received_at FROM tracking_event LIMIT 1"
        )


def test_a_backup_is_restored_over_partitions_that_were_made_and_dropped_since(
    divided: Divided, tmp_path: Path
) -> None:
    """As docs/backup.md says to."""
    if shutil.which("pg_restore") is None:
        pytest.skip("pg_restore is not on the PATH")
    backup = tmp_path / "backup.dump"
    run("pg_dump", "--format=custom", f"--file={backup}", divided.url)
    divided.owner.execute(f"DROP TABLE tracking_event_{datetime.now(UTC):%Y_%m}")
    divided.owner.execute("SELECT tracking_new_table('tracking_event_2001_01', 'tracking_event')")
    divided.owner.execute(
        "ALTER TABLE tracking_event ATTACH PARTITION tracking_event_2001_01 FOR VALUES"
        " FROM ('00e30000-0000-0000-0000-000000000000') TO ('00e40000-0000-0000-0000-000000000000')"
    )
    run("pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={divided.url}", str(backup))
    assert divided.ask(WHOLE) == divided.before


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
