"""Bodies that take long to read, from callers who show no key."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

LABORIOUS = b'{"userId":"u","event":"e","properties":{"a":[%s]}}' % b",".join([b"[" * 95 + b"]" * 95] * 5400)
"""Nearly 1 MiB, of half a million lists: read, they take 40 MB and a third of a second."""
TOO_DEEP = b'{"a":%s1%s}' % (b"[" * 120, b"]" * 120)


@contextmanager
def little_memory() -> Iterator[None]:
    """What happens within takes a few copies of such a body, and no more."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 10 * len(LABORIOUS)
    finally:
        tracemalloc.stop()
