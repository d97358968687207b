"""Building the Access zip (being written by another engineer)."""

from collections.abc import Callable

from regulations.models import Regulation


def build(regulation: Regulation, renew: Callable[[], None]) -> dict[str, int]:
    raise NotImplementedError
