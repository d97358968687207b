"""Ids: UUIDv7, so that rows made later sort later; ordered within a process even in the same millisecond.

Between processes they are as well ordered as clocks agree. Where more hangs on the order, say what comes before.
"""

from datetime import datetime
from uuid import UUID

import uuid_utils
import uuid_utils.compat


def new_id(after: UUID | None = None) -> UUID:
    """`after`: an id that this one must sort behind, whatever this host's clock says."""
    made = uuid_utils.compat.uuid7()
    return made if after is None or made > after else UUID(int=after.int + 1)


def first_id(at: datetime) -> UUID:
    """The lowest id of that millisecond: whatever was made before sorts before it. An aware time since 1970."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def new_text_id() -> str:
    """The same as text, made in a fraction of the time: the tracking path needs no more of it."""
    return str(uuid_utils.uuid7())
