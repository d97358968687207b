"""Walking a table by its key, so that no read stays open while the lease is renewed and memory stays flat."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
PAGE = 500


def pages(rows: QuerySet[Row], renew: Callable[[], None]) -> Iterator[Row]:
    """Every row, oldest first, read 500 at a time."""
    rows = rows.order_by("pk")
    page = list(rows[:PAGE])
    while page:
        renew()
        yield from page
        page = list(rows.filter(pk__gt=page[-1].pk)[:PAGE]) if len(page) == PAGE else []
