"""The rules of consent as one pure function: what a change of a channel comes to (contract C1–C3)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from privacy_portal.consent.models.entry import Source

GRANT_AGAINST_WITHDRAWAL = "must come from the person, who withdrew it, or carry later evidence"
"""What whoever said it is told of a `subscribed` that is only CLAIMED."""


class Verdict(Enum):
    REPEAT = "the same state again: no entry"
    CLAIMED = "said against the person's standing withdrawal: an entry without effect"
    KEPT_OUT = "granted to someone suppressed: no entry"
    RECORDED = "an entry that came too late to be the current state"
    TAKEN = "an entry that is the current state from now on"


@dataclass(frozen=True)
class State:
    """What a channel is now: since when, and by which way."""

    subscribed: bool
    since: datetime
    source: Source


@dataclass(frozen=True)
class Wish:
    """A change someone asks for. `proved_at`: when evidence of the person's own grant was collected, if any. `anew`: a
    withdrawal that counts from now on, though one may stand already."""

    subscribed: bool
    occurred_at: datetime
    source: Source
    proved_at: datetime | None = None
    anew: bool = False


def decide(current: State | None, wish: Wish, sticky: bool) -> Verdict:
    """The later `occurred_at` wins and at equal times the withdrawal; a withdrawal by the person is lifted only by
    the person. `sticky`: the brand's `sticky_withdrawal`."""
    if current is None:
        return Verdict.TAKEN
    if wish.subscribed == current.subscribed and not _strengthens(current, wish):
        return Verdict.REPEAT
    if sticky and wish.subscribed and not current.source.is_yielding and not _is_the_persons_own(current, wish):
        return Verdict.CLAIMED
    return (
        Verdict.TAKEN
        if rank(wish.occurred_at, wish.subscribed) >= rank(current.since, current.subscribed)
        else (Verdict.RECORDED)
    )


def rank(occurred_at: datetime, subscribed: bool) -> tuple[datetime, bool]:
    """Of two entries the one of higher rank is current; of equals the one appended last."""
    return occurred_at, not subscribed


def _strengthens(current: State, wish: Wish) -> bool:
    """The person says no where so far only a system had, or so that what they said before is overtaken: from now on it
    stands."""
    if wish.subscribed:
        return False
    return (wish.anew and wish.occurred_at > current.since) or (
        current.source.is_yielding and not wish.source.is_yielding
    )


def _is_the_persons_own(current: State, wish: Wish) -> bool:
    return wish.source.is_the_person or (wish.proved_at is not None and wish.proved_at > current.since)
