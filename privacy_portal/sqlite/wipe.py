"""Wiping what deletions leave behind in SQLite's files, beyond what `secure_delete` overwrites.

When SQLite moves rows between pages (a page got too empty, or a row grew) their old bytes stay in the unused middle of
the page they came from, and `secure_delete` does not know them any more when those rows are deleted later (tried: 60
people's rows, interleaved and deleted one person after the other, left copies of five). VACUUM would write the whole
database anew for each erasure; this overwrites the unused bytes of those pages alone.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from django.db import connection

from privacy_portal.sqlite.base import PATIENCE_S
from privacy_portal.sqlite.checkpoint import checkpoint
from privacy_portal.sqlite.page import FIRST, page_size, unused
from privacy_portal.sqlite.turn import Turn

CHUNK = 8 * 1024 * 1024
PORTION = 200
"""Pages that are overwritten in one turn: much that was deleted leaves thousands, and everyone who writes waits."""
TRIES = 3
WAITING_S = 1.0
"""So often those who wait for another thread's renew their leases."""

_one_at_a_time = threading.Lock()
_began: dict[Path, float] = {}
"""When the last one that succeeded began, of each database."""


def wipe(renew: Callable[[], object] = lambda: None) -> bool:
    """True when nothing that was deleted can be read in the database's files any more; call it outside of transactions.

    `renew` is called for every few megabytes, and while another thread is at it: one that began after this was asked
    for has seen to this as well, since each reads the whole file. False while a long read, or a busy writer, is in the
    way: try again. Engines of another kind look after their files themselves.
    """
    if connection.vendor != "sqlite":
        return True
    path = Path(connection.settings_dict["NAME"])
    asked = time.monotonic()
    while not _one_at_a_time.acquire(timeout=WAITING_S):
        renew()
    try:
        if _began.get(path, 0.0) > asked:
            return True
        began = time.monotonic()
        if is_done := _wipe(path, renew):
            _began[path] = began
        return is_done
    finally:
        _one_at_a_time.release()


def _wipe(path: Path, renew: Callable[[], object]) -> bool:
    with _turn(path) as is_ours:
        if not is_ours or not checkpoint():
            return False
    littered = list(_littered(_open(path), renew))
    return all(_overwrite(path, littered[start : start + PORTION], renew) for start in range(0, len(littered), PORTION))


def _littered(file: int, renew: Callable[[], object]) -> Iterator[int]:
    """Numbers of the pages whose unused bytes hold something. What is moved from now on is of others, who are live."""
    size = page_size(os.pread(file, 100, 0))
    offset = 0
    while chunk := os.pread(file, CHUNK, offset):
        for start in range(0, len(chunk) - size + 1, size):
            number = (offset + start) // size + FIRST
            begin, end = unused(chunk[start : start + size], number)
            if chunk.count(0, start + begin, start + end) != end - begin:
                yield number
        offset += len(chunk) - len(chunk) % size
        renew()
        if len(chunk) < size:
            return


def _overwrite(path: Path, pages: list[int], renew: Callable[[], object]) -> bool:
    """Hold everyone's writes off, so that the log stays empty and the file is all there is, then write zeros."""
    renew()
    with _turn(path) as is_ours:
        return is_ours and any(_overwrite_alone(path, pages) for _ in range(TRIES))


@contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Whether it came. Two who empty the log at once would wait for each other here: SQLite lets the second one fail
    without waiting. Others have as much time afterwards."""
    turn = Turn(path, PATIENCE_S)
    try:
        is_ours = turn.take()
        began = time.perf_counter()
        yield is_ours
    finally:
        turn.close()
    time.sleep(time.perf_counter() - began)


def _overwrite_alone(path: Path, pages: list[int]) -> bool:
    if not checkpoint():
        return False
    # A connection that has read no page yet: one that it kept would bring the old bytes back.
    with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as fresh:
        fresh.execute("BEGIN IMMEDIATE")
        if path.with_name(path.name + "-wal").stat().st_size:
            return False  # someone wrote in between, without waiting for a turn
        _write_zeros(_open(path), pages)
        # A change, for which every other connection drops the pages that it keeps.
        (version,) = fresh.execute("PRAGMA user_version").fetchone()
        fresh.execute(f"PRAGMA user_version = {(version + 1) % 2**31}")
        fresh.execute("COMMIT")
    return True


def _write_zeros(file: int, pages: list[int]) -> None:
    """Readers never look at unused bytes, so they may go on; nor does a half-written zero harm after a crash."""
    size = page_size(os.pread(file, 100, 0))
    for number in pages:
        start = (number - FIRST) * size
        begin, end = unused(os.pread(file, size, start), number)
        os.pwrite(file, bytes(end - begin), start + begin)
    os.fsync(file)


def _open(path: Path) -> int:
    status = path.stat()
    return _opened(path, (status.st_dev, status.st_ino))


@cache
def _opened(path: Path, _identity: tuple[int, int]) -> int:
    """Never closed: closing any handle on the file would drop the locks of all of this process's connections."""
    return os.open(path, os.O_RDWR | os.O_CLOEXEC)
