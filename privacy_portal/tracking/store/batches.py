"""Deleting much without holding up those who write meanwhile."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import models, transaction

HELD_S = 0.015
"""How long one transaction may take, about: on SQLite everyone else who writes waits for it. Syncing the disk is a good
part of that, so shorter ones would delete much less."""
FEWEST, MOST = 50, 500


class Batches:
    """Deletes a few rows at a time, each few in a transaction of its own, and leaves others as much time in between.

    How few is found out by doing it: it depends on the disk, and on the size of the rows."""

    def __init__(self) -> None:
        self.size = FEWEST

    def delete(
        self, keys: Sequence[Any], rows_of: Callable[[Sequence[Any]], "models.QuerySet[Any]"], ends_at: float
    ) -> Sequence[Any]:
        """Delete the rows of these keys, in their order, until this moment of the monotonic clock. Returns the keys
        that it came to, at least one."""
        at = 0
        while at < len(keys):
            at, some = at + self.size, keys[at : at + self.size]
            self._delete(rows_of(some))
            if time.monotonic() >= ends_at:
                break
        return keys[:at]

    def _delete(self, rows: "models.QuerySet[Any]") -> None:
        with transaction.atomic():
            began = time.perf_counter()
            rows.delete()
        held = time.perf_counter() - began
        # By no more than a factor of two: one slow sync says little about the next.
        wanted = self.size * min(2, max(0.5, HELD_S / held))
        self.size = min(MOST, max(FEWEST, int(wanted)))
        time.sleep(held)
