"""What /readyz asks: each check returns when all is well and raises when not."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection

from privacy_portal.celery import app
from privacy_portal.durable import clock
from privacy_portal.durable.models import Heartbeat
from privacy_portal.processes.database_file import unwritable
from privacy_portal.storage import folder
from privacy_portal.subjects import freshness

FRESH = timedelta(seconds=10)
"""Heartbeats come every 3 s; with this limit a failure shows within the 15 s that the contract allows."""
BROKER_PATIENCE_S = 2


class NotReady(Exception):
    """Why, without anything personal or secret: it is shown to whoever asks."""


def database() -> None:
    if unwritable():
        raise NotReady("the database's file cannot be written")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1" if settings.EMBEDDED else "SHOW transaction_read_only")
        if cursor.fetchone() == ("on",):
            raise NotReady("the database takes no writes: it is a standby, or was set to read-only")


def broker() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return _takes_a_file(Path(settings.DATA_DIR) / "broker" / "messages")
    with app.connection_for_write(connect_timeout=BROKER_PATIENCE_S) as link:
        link.ensure_connection(max_retries=1, timeout=BROKER_PATIENCE_S)
    return None


def storage() -> None:
    _takes_a_file(folder())


def marks() -> None:
    if freshness.reason():
        raise NotReady(f"the database is older than the suppression marks: {freshness.remedy()}")


def heartbeat(name: str) -> None:
    beat = Heartbeat.objects.filter(name=name).first()
    if beat is None:
        raise NotReady("no heartbeat yet")
    age = clock.read() - beat.at
    if age > FRESH:
        raise NotReady(f"last heartbeat {age.total_seconds():.0f} s ago")
    if age < -FRESH:
        raise NotReady("no heartbeat since the clock was set back")


def _takes_a_file(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe-") as probe:
        probe.write(b"probe")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "broker": broker,
    "storage": storage,
    "marks": marks,
    "worker": partial(heartbeat, "worker"),
    "scheduler": partial(heartbeat, "scheduler"),
    "sweep": partial(heartbeat, "sweep"),
}
