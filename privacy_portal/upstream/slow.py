"""Upstreams that keep their callers waiting: what a worker has to do for others goes on meanwhile.

Each worker process learns by itself which brands' upstreams are slow, and forgets it again.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic

from privacy_portal.durable.tasks import LOOKERS

SLOW_S = 1.0
REMEMBERED_S = 60.0

waiters = threading.BoundedSemaphore(LOOKERS - 1)
"""Taken by a thread that may have to wait long for an upstream: one thread of a worker never is."""
_lane = threading.Lock()
_until: dict[int, float] = {}


def note(brand_id: int, seconds: float) -> None:
    """How long a brand's upstream took to answer, or did not answer."""
    if seconds > SLOW_S:
        _until[brand_id] = monotonic() + REMEMBERED_S
    else:
        _until.pop(brand_id, None)


@contextmanager
def left_to_others() -> Iterator[list[int]]:
    """The brands that the caller is to leave alone: the slow ones, unless no other thread sees to them. Then it is the
    caller's turn for as long as the block lasts."""
    now = monotonic()
    slow = [brand_id for brand_id, until in list(_until.items()) if until > now]
    with ExitStack() as held:
        yield slow if slow and not _is_mine(held) else []


def _is_mine(held: ExitStack) -> bool:
    for permit in (_lane, waiters):
        if not permit.acquire(blocking=False):
            return False
        held.callback(permit.release)
    return True
