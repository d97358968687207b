"""Whether PostgreSQL's partitions of the events are made in time."""

from collections.abc import Iterator

from django.db import connection

from privacy_portal.processes.diagnosis.finding import Finding

_NEXT_MONTH = "'tracking_event_' || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM')"


def missing() -> Iterator[Finding]:
    """They are made two months ahead, so that this is known before any event is astray."""
    if name := _ask(f"SELECT {_NEXT_MONTH} WHERE to_regclass({_NEXT_MONTH}) IS NULL"):
        yield Finding(
            f"the partition {name} is not there",
            "no sweep has run for a month, or something holds the table whenever it tries",
            "start the portal (make up), or a sweep alone: manage.py sweep; its log says retention.partitions_busy",
        )  # fmt: skip


def astray() -> Iterator[Finding]:
    """They lie in the default partition, where they are found, forwarded, erased and deleted like all others."""
    if number := _ask("SELECT tracking_count_astray()"):
        yield Finding(
            f"{number} events outside of their month's partition",
            "their host's clock was wrong, or no sweep had made the partition in time",
            "look at the hosts' time service; the sweep takes up to 1,000 of them along when it makes their month's",
            passes=True,
        )  # fmt: skip


def _ask(question: str) -> object:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(question)
        found = cursor.fetchone()
    return found[0] if found else None
