"""Refuses to start on a database that was restored and does not know who was suppressed or erased since."""

from privacy_portal.processes.preflight import CannotStart
from privacy_portal.subjects import freshness


def check_marks() -> None:
    if reason := freshness.reason():
        raise CannotStart(f"{reason} Then start again.")
