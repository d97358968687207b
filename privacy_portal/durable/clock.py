"""The clock by which jobs go: the database's, since hosts may disagree and all of them share that one.

On PostgreSQL a time is compared and written by the server, with the time at which the statement began there. SQLite has
no clock of its own: whoever writes to its file runs on the one host that it lies on, and asks that host's clock, which
SQLite's `now` would ask too, only cut to milliseconds, so that what was just made would not be due yet.

Either may be set back while the portal runs; the sweep notices and moves what waits with it (`Heartbeat.fell_back`).
"""

from datetime import datetime
from typing import TypeAlias

from django.db import connection
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

Moment: TypeAlias = datetime | Combinable


def now() -> Moment:
    """This moment, for a query or an update: plus or minus a timedelta it is a moment, too."""
    return Now() if connection.vendor == "postgresql" else timezone.now()


def read() -> datetime:
    """The same as a value, for what Python must know; it costs a question."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (moment,) = cursor.fetchone()
    return moment
