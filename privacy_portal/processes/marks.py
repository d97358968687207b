"""Refuses to start on a database that was restored and does not know who was suppressed or erased since."""

from privacy_portal.processes.preflight import CannotStart
from privacy_portal.subjects import journal
from privacy_portal.subjects.marks import BadMarks


def check_marks() -> None:
    try:
        is_older = journal.is_ahead()
    except BadMarks as reason:
        raise CannotStart(f"{journal.path()}: {reason}") from None
    if is_older:
        raise CannotStart(
            f"The database is older than the suppression marks in {journal.path()}: run manage.py replay_marks, "
            "then start again."
        )
