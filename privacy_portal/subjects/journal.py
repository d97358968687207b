"""The marks beside an embedded database: a file that the sweep appends to within a second, and `up` compares with.

The audit chain's position is the measure of age: each change of a gate is in it, it only grows, and an entry has one
only when it is committed. A file that is further than the chain is therefore newer than the database: an older one was
restored, which must not serve before the marks are replayed.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max

from privacy_portal.audit.models import ChainHead, Entry
from privacy_portal.subjects import marks
from privacy_portal.subjects.marks import BadMarks, Marks, Write
from privacy_portal.subjects.models import Link, Subject

logger = logging.getLogger(__name__)
NAME = "marks.jsonl"


def path() -> Path | None:
    """None where the database is not in the data folder: then `export_marks` is what keeps marks apart from it."""
    return settings.DATA_DIR / NAME if settings.EMBEDDED else None


def held() -> Marks | None:
    """What the file says; None when there is none. BadMarks when it is of another portal."""
    file = path()
    if file is None or not file.exists():
        return None
    with file.open("rb") as lines:
        return marks.read(lines)


def is_ahead() -> bool:
    """Whether the database is older than its marks."""
    found = held()
    return found is not None and found.position > _position()


def begin() -> None:
    """Write the file anew from the database, whole or not at all."""
    file = path()
    if file is None:
        return
    position, link = _position(), _last_link()
    write_whole(file, lambda write: marks.export(write, position=position, link=link))


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


class Keeper:
    """Appends what has changed since. One for each process; only the sweep has work for it."""

    def __init__(self) -> None:
        self._seen: Marks | None = None
        self._identity = (0, 0)

    def keep(self) -> None:
        """Once a second. The sweep goes on when the file cannot be used."""
        try:
            self.bring_up_to_date()
        except (OSError, BadMarks) as error:
            logger.error("marks.not_kept error=%s", type(error).__name__)

    def bring_up_to_date(self) -> None:
        file = path()
        if file is None:
            return
        if not file.exists():
            begin()
        seen, position, link = self._read(file), _position(), _last_link()
        if seen.position > position:
            return  # the database is older: it has nothing to say before the marks were replayed
        people = self._changed(seen, position)
        if people:
            self._append(file, seen, people, position, link)
        seen.position, seen.link = position, link

    def _read(self, file: Path) -> Marks:
        """What is known of the file, read again when someone else has written it."""
        status = file.stat()
        if self._seen is None or self._identity != (status.st_ino, status.st_size):
            with file.open("rb") as lines:
                self._seen = marks.read(lines)
            self._seen.by_key.clear()
            self._identity = (status.st_ino, status.st_size)
        return self._seen

    def _changed(self, seen: Marks, position: int) -> set[Any]:
        acts = Entry.objects.filter(
            position__gt=seen.position, position__lte=position, action__startswith="regulation."
        )
        people: set[Any] = set(acts.exclude(subject_ref=None).values_list("subject_ref", flat=True))
        return people | set(Link.objects.filter(pk__gt=seen.link).values_list("subject_id", flat=True))

    def _append(self, file: Path, seen: Marks, people: set[Any], position: int, link: int) -> None:
        lines: list[str] = []
        marks.group(lines.append, Subject.objects.filter(pk__in=people), position=position, link=link)
        with file.open("r+b") as opened:
            opened.truncate(seen.size)
            opened.seek(seen.size)
            opened.write("".join(lines).encode("ascii"))
            opened.flush()
            os.fsync(opened.fileno())
            seen.size = opened.tell()
        status = file.stat()
        self._identity = (status.st_ino, status.st_size)


def _position() -> int:
    return ChainHead.objects.filter(pk=1).values_list("position", flat=True).first() or 0


def _last_link() -> int:
    return Link.objects.aggregate(last=Max("pk"))["last"] or 0
