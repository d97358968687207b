"""The upstream CDP: it can be told, not erased. One identify update per step, which the step then waits for."""

from typing import TYPE_CHECKING

from django.db import transaction

from privacy_portal.durable.errors import Final
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus
from regulations.destinations.base import Destination

if TYPE_CHECKING:
    from regulations.models import Step


class TrackingUpstream(Destination):
    name = "tracking_upstream"
    label = "Upstream"
    actions = frozenset({"notify"})

    def notify(self, step: "Step") -> None:
        from regulations.models.step import Result

        update = step.identify_update
        if update is None:
            self._announce(step)
        elif update.status == UpdateStatus.DELIVERED:
            step.finish(Result.NOTIFIED)
        else:
            raise Final(update.last_error)

    def _announce(self, step: "Step") -> None:
        regulation = step.regulation
        with transaction.atomic():
            update = IdentifyUpdate.objects.announce(
                regulation.subject,
                channels=regulation.kind.withdraws,
                regulation={"type": regulation.type, "id": str(regulation.pk)},
            )
            step.await_update(update)


DESTINATION = TrackingUpstream()
