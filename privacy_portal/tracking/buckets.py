"""The token bucket of each auth-token, one for all processes (contract T3).

GCRA: one double per token, the time at which its bucket would be full again. Kept in a file that all web processes of
a host map, under a lock; or in Redis when REDIS_URL is set (redis_buckets.py). When the store is down, requests pass
and are counted: this limit protects the service, the gate protects people.
"""

import fcntl
import math
import mmap
import os
import time
from pathlib import Path
from typing import Protocol

from django.conf import settings

from privacy_portal.tracking.metrics import BUCKETS_DOWN

_DOUBLE = 8
_GROWTH = 4096


class Buckets(Protocol):
    async def take(self, token_id: int, rate: int, burst: int) -> int:
        """Take one. 0 when the request may pass, else the whole seconds until it may."""


def admit(full_at: float, now: float, rate: int, burst: int) -> tuple[float, int]:
    """The bucket after this request, and the whole seconds to wait (0: admitted, else nothing was taken)."""
    # More than empty it cannot be: whatever says so was written by a clock that went back, or under another rate.
    full_at = min(max(full_at, now), now + burst / rate)
    late = full_at + 1 / rate - now - burst / rate
    if late > 1e-6:  # less than that a double does not tell, so long after 1970
        return full_at, max(1, math.ceil(late))
    return full_at + 1 / rate, 0


class FileBuckets:
    """For the web processes of one host. `alone`: there is just one, so nothing is locked: two system calls that hand
    the interpreter to the writer's thread each time cost more than all the rest of the way."""

    def __init__(self, path: Path, *, alone: bool = False) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._slots = memoryview(b"").cast("d")
        self._alone = alone

    async def take(self, token_id: int, rate: int, burst: int) -> int:
        try:
            if self._alone:
                return self._take(token_id, rate, burst)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                return self._take(token_id, rate, burst)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError:
            BUCKETS_DOWN.inc()
            return 0

    def _take(self, slot: int, rate: int, burst: int) -> int:
        if slot >= len(self._slots):
            self._grow((slot + 1) * _DOUBLE)
        self._slots[slot], wait = admit(self._slots[slot], time.time(), rate, burst)
        return wait

    def _grow(self, needed: int) -> None:
        size = max(os.fstat(self._file).st_size, (needed // _GROWTH + 1) * _GROWTH)
        # Really on the disk: to write into a mapped hole of a full disk would kill the process.
        os.posix_fallocate(self._file, 0, size)
        self._slots = memoryview(mmap.mmap(self._file, size)).cast("d")


def open_buckets() -> Buckets:
    if settings.REDIS_URL:
        # 6 MB of the web process and a tenth of its start, which a portal without Redis need not have.
        from privacy_portal.tracking.redis_buckets import RedisBuckets

        return RedisBuckets(settings.REDIS_URL, settings.REDIS_KEY_PREFIX)
    return FileBuckets(settings.DATA_DIR / "buckets", alone=settings.WEB_PROCESSES == 1)
