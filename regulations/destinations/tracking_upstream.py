"""The upstream CDP: it can be told, not erased. One identify update per step, with which that step ends."""

from typing import TYPE_CHECKING

from django.db import transaction

from privacy_portal.upstream.models import IdentifyUpdate
from regulations.destinations.base import Destination

if TYPE_CHECKING:
    from regulations.models import Step


class TrackingUpstream(Destination):
    name = "tracking_upstream"
    label = "Upstream"
    actions = frozenset({"notify"})

    def start(self, steps: "list[Step]") -> None:
        updates = IdentifyUpdate.objects.announce_each(_updates(steps))
        for step, update in zip(steps, updates, strict=True):
            step.identify_update = update
        type(steps[0]).objects.rest(steps)

    def notify(self, step: "Step") -> None:
        """Where a retried step has no update that could be sent again: the first is made when the regulation begins."""
        with transaction.atomic():
            (update,) = IdentifyUpdate.objects.announce_each(_updates([step]))
            step.await_update(update)


def _updates(steps: "list[Step]") -> list[IdentifyUpdate]:
    """Channels go with those of regulations that changed them, and of whom the upstream has refused to hear of them:
    an erasure may be the last word about that person."""
    from regulations.models import Regulation

    told = Regulation.objects.withdrew().filter(pk__in=[step.regulation_id for step in steps])
    changed = set(told.order_by().values_list("pk", flat=True))
    people = [step.regulation.subject_id for step in steps]
    untold = IdentifyUpdate.objects.not_told().filter(subject__in=people, channels=True)
    owed = set(untold.order_by().values_list("subject_id", flat=True))
    return [
        IdentifyUpdate(
            subject_id=regulation.subject_id,
            brand_id=regulation.brand_id,
            channels=regulation.pk in changed or regulation.subject_id in owed,
            regulation={"type": regulation.type, "id": str(regulation.pk)},
        )
        for regulation in (step.regulation for step in steps)
    ]


DESTINATION = TrackingUpstream()
