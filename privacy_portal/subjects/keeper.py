"""Keeps the marks beside the database up to date: the sweep's chore, within two seconds of each answer."""

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.subjects import journal, marks
from privacy_portal.subjects.marks import DEVICE_ERASED, BadMarks, Marks
from privacy_portal.subjects.models import Link, Subject

ACTS = Q(action__startswith="regulation.") | Q(action=DEVICE_ERASED)
logger = logging.getLogger(__name__)


class Keeper:
    """Appends what has changed since. One for each process; only the sweep has work for it."""

    def __init__(self) -> None:
        self._seen: Marks | None = None
        self._identity: tuple[int, ...] = ()

    def keep(self) -> None:
        """Once a second. The sweep goes on when the file cannot be used."""
        try:
            with journal.alone(wait=False) as is_mine:
                if is_mine:
                    self.bring_up_to_date(journal.path(), timezone.now())
        except (OSError, BadMarks) as error:
            logger.error("marks.not_kept error=%s", type(error).__name__)

    def bring_up_to_date(self, file: Path, now: datetime) -> None:
        if not file.exists():
            journal.begin()
        seen, (position, chain), link = self._read(file), journal.head(), journal.last_link(now)
        if not journal.is_known(seen):
            # The database is older: than the file, and has nothing to say before the marks were replayed; or than what
            # was remembered here alone, and the next turn starts from the file.
            self._seen = None
            return
        people = self._changed(seen, position, link)
        if people:
            until = _complete_until(position, now)
            self._append(file, seen, people, until, position=position, chain=chain, link=link)
        seen.position, seen.chain, seen.link = position, chain, link

    def _read(self, file: Path) -> Marks:
        """What the file takes account of, read again when someone else has written it."""
        if self._seen is None or self._identity != _identity(file):
            self._identity = _identity(file)
            with file.open("rb") as opened:
                self._seen = marks.read_end(opened)
        return self._seen

    def _changed(self, seen: Marks, position: int, link: int) -> set[Any]:
        """Whose gate was changed, and those with a mark who were linked to a device, or surely linked if they are
        erased."""
        acts = Entry.objects.filter(ACTS, position__gt=seen.position, position__lte=position)
        people: set[Any] = set(acts.exclude(subject_ref=None).values_list("subject_ref", flat=True))
        linked = Link.objects.filter(pk__gt=seen.link, pk__lte=link, subject__in=Subject.objects.marked())
        return people | set(linked.values_list("subject_id", flat=True))

    def _append(self, file: Path, seen: Marks, people: set[Any], until: datetime, **account: int | str) -> None:
        lines: list[str] = []
        marks.group(lines.append, Subject.objects.filter(pk__in=people), until, **account)
        with file.open("r+b") as opened:
            opened.truncate(seen.size)
            opened.seek(seen.size)
            opened.write("".join(lines).encode("ascii"))
            opened.flush()
            os.fsync(opened.fileno())
            seen.size = opened.tell()
        self._identity = _identity(file)


def _complete_until(position: int, now: datetime) -> datetime:
    """Before the first act that the chain does not hold up to this position."""
    later = Entry.objects.filter(ACTS, Q(position=None) | Q(position__gt=position))
    first = later.order_by("at").values_list("at", flat=True).first()
    return min(first, now) if first else now


def _identity(file: Path) -> tuple[int, ...]:
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
