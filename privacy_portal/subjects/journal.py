"""The marks beside the database: a file that the sweep appends to (keeper.py), and that every process compares with.

The audit chain is the measure of age: each change of a gate is in it, it only grows, and an entry has a place in it
only when it is committed. A database without the entry that the file last took account of is an older one that was
restored, or its continuation, and must not serve before the marks are replayed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from privacy_portal.audit.models import ChainHead, Entry
from privacy_portal.storage import storage
from privacy_portal.subjects import marks
from privacy_portal.subjects.marks import Marks, Write
from privacy_portal.subjects.models import Link

NAME = "marks.jsonl"
SETTLED = timedelta(seconds=60)
"""On PostgreSQL a link may be committed after one with a higher number. None is on its way for longer than this."""
_LOCK = (0x5050, -1)  # of the barrier's space; brands have positive numbers


def path() -> Path:
    """In the data folder; where the database may serve several hosts, in the folder that these share."""
    return (settings.DATA_DIR if settings.EMBEDDED else storage().folder) / NAME


def held() -> Marks | None:
    """What the file says; None when there is none. BadMarks when it is of another portal."""
    try:
        with path().open("rb") as lines:
            return marks.read(lines)
    except FileNotFoundError:
        return None


def is_ahead() -> bool:
    """Whether the database is older than its marks. BadMarks, OSError when the file cannot be used."""
    try:
        with path().open("rb") as file:
            return not is_known(marks.read_end(file))
    except FileNotFoundError:
        return False


def is_known(seen: Marks) -> bool:
    """Whether the database has what these marks take account of. Entries may have been thrown away for their age."""
    position, chain = head()
    if position < seen.position:
        return False
    if position > seen.position:
        chain = Entry.objects.filter(position=seen.position).values_list("hash", flat=True).first() or seen.chain
    return not seen.chain or chain == seen.chain


def head() -> tuple[int, str]:
    """Length of the audit chain, and the hash at its end."""
    return ChainHead.objects.filter(pk=1).values_list("position", "hash").first() or (0, "")


def last_link(now: datetime) -> int:
    """The last link before which no other can appear any more."""
    links = Link.objects.order_by("-pk")
    if connection.vendor == "postgresql":
        links = links.filter(created_at__lt=now - SETTLED)
    return links.values_list("pk", flat=True).first() or 0


def begin() -> None:
    """Write the file anew from the database, whole or not at all."""
    with alone(wait=True):
        (position, chain), link = head(), last_link(timezone.now())
        write_whole(path(), lambda write: marks.export(write, position=position, chain=chain, link=link))


@contextmanager
def alone(*, wait: bool) -> Iterator[bool]:
    """Whether nobody else writes the file meanwhile. Sweeps of several hosts share the database, and a folder whose
    locks may not reach from host to host."""
    if connection.vendor != "postgresql":
        yield True
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s, %s)", _LOCK)
        (taken,) = cursor.fetchone()
        yield taken is not False


def write_whole(file: Path, export: Callable[[Write], int]) -> int:
    """A file that appears whole or not at all, for its owner alone. Returns what `export` does."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as opened:
            count = export(opened.write)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return count
