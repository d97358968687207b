"""What a regulation still owes, and what later ones have made of it: conditions on its row, for querysets."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q


def holding() -> Q:
    """Not undone by a later one. What was undone stays undone, though yet another one closes or opens the gate again:
    what came in meanwhile this one never dealt with."""
    return _as_left() & ~_overturned()


def erased_anew() -> Q:
    """One that was undone, and left something unerased, and was followed by another erasure since: what came in
    meanwhile is unwanted, too, so a retry may erase where this one did not. (There is one destination that erases. With
    a second one, a retry must erase anew where that had been done before the gate was opened.)"""
    from regulations.models.regulation import Regulation

    erasure = Regulation.objects.erasing().filter(
        ~_overturned(), subject_id=OuterRef("subject_id"), id__gt=OuterRef("id"), started_at__isnull=False
    )
    return _as_left() & _overturned() & Q(Exists(erasure)) & _undone(Q(action="erase"))


def _as_left() -> Q:
    """The person's flags are as its type leaves them."""
    from regulations.types import TYPES

    flags = {kind.value: {f"subject__{flag}": value for flag, value in kind.leaves.items()} for kind in TYPES.values()}
    return reduce(or_, (Q(type=value, **left) for value, left in flags.items()))


def _overturned() -> Q:
    """A later one that has begun left a flag otherwise."""
    from regulations.models.regulation import Regulation
    from regulations.types import TYPES

    later = Regulation.objects.filter(
        subject_id=OuterRef("subject_id"), id__gt=OuterRef("id"), started_at__isnull=False
    ).order_by()
    opposites = {
        kind.value: [other.value for other in TYPES.values() if kind.contradicts(other)] for kind in TYPES.values()
    }
    return reduce(
        or_, (Q(Exists(later.filter(type__in=others)), type=value) for value, others in opposites.items() if others)
    )


def forgotten() -> Q:
    """An erasure that ended later took the userId. It stays out of this one when the person asks again (contract G10),
    until they open the gate and are a person like any other."""
    from regulations.models.regulation import Regulation, RegulationStatus

    erasure = Regulation.objects.erasing().filter(
        subject_id=OuterRef("subject_id"), status=RegulationStatus.FINISHED, finished_at__gte=OuterRef("finished_at")
    )
    return Q(subject__user_id=None) | Q(Exists(erasure), subject__erased_at__isnull=False)


def naming() -> Q:
    """Its steps name the person: it is open, or is to be retried with the userId."""
    from regulations.models.regulation import OPEN, RETRYABLE

    return Q(status__in=OPEN) | Q(status__in=RETRYABLE) & holding() & ~forgotten()


def retryable() -> Q:
    """A retry can still come to something: what it did holds, and what it did not do is more than telling about someone
    whom an erasure has taken."""
    from regulations.models.regulation import RETRYABLE

    goes_on = holding() & (~forgotten() | _undone(~Q(action="notify")))
    return Q(status__in=RETRYABLE) & (goes_on | erased_anew())


def owed() -> Q:
    """It is open or can be retried. What an erasure could not erase is owed whatever came later."""
    from regulations.models.regulation import OPEN, RETRYABLE

    return Q(status__in=OPEN) | retryable() | Q(status__in=RETRYABLE) & _undone(Q(action="erase"))


def _undone(some: Q) -> Q:
    from regulations.models.step import Step

    return Q(Exists(Step.objects.undone().filter(some, regulation_id=OuterRef("pk"))))
