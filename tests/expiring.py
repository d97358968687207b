"""Forgetting all that has expired. One turn of the sweep ends after a fraction of a second, which on a machine that
stands still for a moment is one row."""

from datetime import datetime

from privacy_portal.tracking.store.expiry import Expiry
from tests.waiting import until


def forget_expired(at: datetime | None = None, by: Expiry | None = None) -> None:
    expiry = by or Expiry()
    until(lambda: expiry.turn(at) is None)
