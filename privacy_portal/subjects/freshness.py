"""Whether this process must stand still because the database is older than its marks (docs/backup.md)."""

import logging
from time import monotonic

from django.conf import settings

from privacy_portal.subjects import journal
from privacy_portal.subjects.marks import BadMarks

logger = logging.getLogger(__name__)
KEPT_S = 1.0


def reason() -> str:
    """Why nothing may be served or carried out, in one sentence that names the command; empty when all is well.
    OSError when the marks cannot be read."""
    try:
        if not journal.is_ahead():
            return ""
    except BadMarks as bad:
        return f"{journal.path()}: {bad}"
    return f"The database is older than the suppression marks in {journal.path()}: {remedy()}."


def remedy() -> str:
    """Processes that run keep SQLite's old file open, and write from it into the marks: only new ones see another."""
    return f"{'while the portal is stopped, ' if settings.EMBEDDED else ''}run manage.py replay_marks"


class Freshness:
    """Asks at most once a second. A shared folder that is away changes nothing: it must not stop what runs."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._reason = ""

    def forbids(self) -> bool:
        if monotonic() - self._at > KEPT_S:
            self._ask()
        return bool(self._reason)

    def _ask(self) -> None:
        try:
            found = reason()
        except OSError as error:
            logger.error("marks.not_read error=%s", type(error).__name__)
            return
        if found and found != self._reason:
            logger.error("marks.standstill reason=%s", found)
        self._at, self._reason = monotonic(), found


freshness = Freshness()
