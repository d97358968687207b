"""What became of the effect of a regulation that has ended: conditions on its row, for querysets."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q


def holding() -> Q:
    """Not undone by a later one: the person's flags are as its type leaves them."""
    from regulations.types import TYPES

    flags = {kind.value: {f"subject__{flag}": value for flag, value in kind.leaves.items()} for kind in TYPES.values()}
    return reduce(or_, (Q(type=value, **left) for value, left in flags.items()))


def forgotten() -> Q:
    """An erasure that ended later took the userId. It stays out of this one when the person asks again (contract G10),
    until they open the gate and are a person like any other."""
    from regulations.models.regulation import Regulation, RegulationStatus

    erasure = Regulation.objects.erasing().filter(
        subject_id=OuterRef("subject_id"), status=RegulationStatus.FINISHED, finished_at__gte=OuterRef("finished_at")
    )
    return Q(subject__user_id=None) | Q(Exists(erasure), subject__erased_at__isnull=False)
