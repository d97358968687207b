"""Waiting for a condition, instead of sleeping for a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(
    condition: Callable[[], Found], timeout: float = 10, what: str = "the condition", every: float = 0.05
) -> Found:
    """The first true value of `condition`, asked every few hundredths of a second for `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s for {what}; last seen: {found!r}")
        time.sleep(every)
