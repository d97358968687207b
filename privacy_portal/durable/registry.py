"""What there is to carry out: kinds of durable jobs, and chores that the sweep does at intervals.

Apps register in `AppConfig.ready`; this package knows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from privacy_portal.durable.clock import Moment


class Kind(Protocol):
    @property
    def name(self) -> str:
        """For logs and metrics."""

    def due(self, at: Moment) -> bool:
        """Whether anything has waited for a worker since this moment. Reads only."""

    def work(self, most: int) -> int:
        """Carry out some pieces, at least one if there is any and no more than `most`. Returns how many."""

    def move_back(self, step: timedelta) -> None:
        """The clock was set back by so much: move with it whatever this kind has to do at a time that it keeps."""


@dataclass(frozen=True)
class Chore:
    """`run` is called every so many seconds, and again after one when it returns MORE: who has much to do does it in
    short turns, since everything else that the sweep does waits meanwhile."""

    name: str
    seconds: float
    run: Callable[[], object]


MORE: Final = object()


kinds: list[Kind] = []
chores: list[Chore] = []
forbidding: list[Callable[[], bool]] = []
"""Whoever may have all work stand still for a while; asked before each look, so it must answer at once."""
