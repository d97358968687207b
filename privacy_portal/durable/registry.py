"""What there is to carry out: kinds of durable jobs, and chores that the sweep does at intervals.

Apps register in `AppConfig.ready`; this package knows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Kind(Protocol):
    @property
    def name(self) -> str:
        """For logs and metrics."""

    def due(self, now: datetime) -> bool:
        """Whether anything waits for a worker at this time. Reads only."""

    def work_one(self, now: datetime) -> bool:
        """Carry out one piece; False when there was none."""


@dataclass(frozen=True)
class Chore:
    name: str
    seconds: float
    run: Callable[[], object]


kinds: list[Kind] = []
chores: list[Chore] = []
