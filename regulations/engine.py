"""The regulation engine: begins what may begin, carries out steps, concludes what has no step left.

Everything here may be done twice or by two workers at once: each move is a guarded UPDATE on the model.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from privacy_portal.audit.models import Actor
from privacy_portal.durable import clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.faults import point
from privacy_portal.sqlite.wipe import wipe
from privacy_portal.subjects.freshness import freshness
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.destinations import DESTINATIONS
from regulations.models import Regulation, Step, StepStatus, standing

logger = logging.getLogger(__name__)


class Progress:
    """The kind of work that begins regulations. Short, so it needs no lease."""

    name = "regulation"

    def due(self, at: Moment) -> bool:
        # One that says it was made in the future was made before a clock went back, or by a host that is ahead.
        too_new = Q(created_at__gt=at, created_at__lte=clock.now())
        return Regulation.objects.startable().exclude(too_new).exists()

    def work(self, most: int) -> int:
        return begin(most)

    def move_back(self, step: timedelta) -> None:
        """Nothing here is done at a time that is kept."""


def begin(most: int) -> int:
    """Begin up to `most` regulations, the oldest first, with what needs no worker of its own. Returns how many."""
    # Where a transaction is a turn to write, looking for work must not take one in vain.
    if not connection.features.has_select_for_update and not Regulation.objects.startable().exists():
        return 0
    with transaction.atomic():
        begun = Regulation.objects.begin(most, timezone.now())
        for name, destination in DESTINATIONS.items():
            if steps := [step for each in begun for step in each.planned if step.destination == name]:
                destination.start(steps)
    if begun:
        point("regulation.begun")
    conclude([regulation.pk for regulation in begun if not regulation.planned])
    return len(begun)


def perform(step: Step) -> None:
    """One attempt at one step."""
    destination = DESTINATIONS[step.destination]
    {"collect": destination.collect, "erase": destination.erase, "notify": destination.notify}[step.action](step)


def updates_ended(updates: Collection[IdentifyUpdate], error: str) -> None:
    """In the transaction in which identify updates end: with them end the steps that rest for them."""
    if regulations := [UUID(update.regulation["id"]) for update in updates if update.regulation is not None]:
        Step.objects.updates_ended(updates, error)
        transaction.on_commit(partial(conclude, regulations), robust=True)


def update_sent_again(update: IdentifyUpdate, actor: Actor) -> None:
    """In the transaction in which a failed identify update is sent again: the step that failed with it goes on."""
    for step in update.steps.filter(status=StepStatus.FAILED).select_related("regulation"):
        step.regulation.tell_again(update, actor)


def updates_owed() -> QuerySet[IdentifyUpdate]:
    """Failed identify updates that somebody has to see to. What a regulation did not tell that was cancelled or undone
    is not told any more: a later one tells what holds instead."""
    silent = Regulation.objects.filter(~standing.naming(), steps__identify_update=OuterRef("pk"))
    return IdentifyUpdate.objects.not_told().exclude(Exists(silent))


def conclude_after(step: Step) -> None:
    conclude([step.regulation_id])


def conclude_left() -> None:
    """What a worker had no time left to conclude."""
    if freshness.forbids():
        return
    conclude(Regulation.objects.concludable().order_by().values_list("id", flat=True)[:100])


def conclude(pks: Collection[UUID]) -> None:
    """End those of these regulations whose steps have ended. An erasure that fully succeeded forgets who it was about
    first: effect before "finished"."""
    if not pks:
        return
    ready = list(
        Regulation.objects.concludable().filter(pk__in=pks).select_related("subject").prefetch_related("steps")
    )
    if not ready:
        return
    point("regulation.done")
    now = timezone.now()
    forgetting = [regulation for regulation in ready if _forgets(regulation)]
    for regulation in forgetting:
        regulation.forget_person(now)
    if forgetting and not wipe():
        logger.warning("erasure.waits_for_checkpoint regulations=%s", ",".join(str(each.pk) for each in forgetting))
        ready = [regulation for regulation in ready if regulation not in forgetting]
    elif forgetting:
        point("regulation.forgotten")
    concluded = Regulation.objects.conclude(ready, now)
    if any(regulation.subject.erased_at for regulation in concluded if regulation not in forgetting):
        wipe()  # its free text has gone with it; what a long read holds back now goes with the chore
    if concluded:
        point("regulation.concluded")


def _forgets(regulation: Regulation) -> bool:
    return regulation.kind.erases and all(step.status == StepStatus.FINISHED for step in regulation.steps.all())
