"""The regulation engine: begins what may begin, carries out steps, concludes what has no step left.

Everything here may be done twice or by two workers at once: each move is a guarded UPDATE on the model.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from privacy_portal.durable import clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.faults import point
from privacy_portal.sqlite.wipe import wipe
from regulations.destinations import DESTINATIONS
from regulations.models import Regulation, Step, StepStatus

logger = logging.getLogger(__name__)


class Progress:
    """The kind of work that moves regulations between their steps. Short, so it needs no lease."""

    name = "regulation"

    def due(self, at: Moment) -> bool:
        # One that says it was made in the future was made before a clock went back, or by a host that is ahead.
        too_new = Q(created_at__gt=at, created_at__lte=clock.now())
        return (
            Regulation.objects.startable().exclude(too_new).exists()
            or Regulation.objects.concludable().exclude(too_new).exists()
        )

    def work_one(self) -> bool:
        return any(conclude(regulation) for regulation in Regulation.objects.concludable()[:20]) or any(
            begin(regulation, timezone.now()) for regulation in Regulation.objects.startable().order_by("id")[:20]
        )

    def move_back(self, step: timedelta) -> None:
        """Nothing here is done at a time that is kept."""


def begin(regulation: Regulation, now: datetime) -> bool:
    begun = regulation.begin(now)
    if begun:
        point("regulation.begun")
    return begun


def conclude(regulation: Regulation) -> bool:
    """End a regulation whose steps have ended. An erasure that fully succeeded forgets who it was about first: effect
    before "finished"."""
    now = timezone.now()
    done = not regulation.steps.exclude(status=StepStatus.FINISHED).exists()
    forgets = regulation.kind.erases and done
    if forgets:
        regulation.forget_person(now)
        if not wipe():
            logger.warning("erasure.waits_for_checkpoint regulation=%s", regulation.pk)
            return False
        point("regulation.forgotten")
    if not regulation.conclude(now):
        return False
    if not forgets and regulation.subject.erased_at:
        wipe()  # its free text has gone with it; what a long read holds back now goes with the chore
    point("regulation.concluded")
    return True


def perform(step: Step) -> None:
    """One attempt at one step."""
    step.begin(timezone.now())
    destination = DESTINATIONS[step.destination]
    {"collect": destination.collect, "erase": destination.erase, "notify": destination.notify}[step.action](step)
