"""An attempt at a job: claim, perform, and write down what it came to."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from privacy_portal.durable import clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.errors import Final, LeaseLost, NotNow, TryAgain
from privacy_portal.durable.faults import point
from privacy_portal.durable.models import Job, backoff
from privacy_portal.durable.registry import forbidding, kinds

logger = logging.getLogger(__name__)
TURN, TURN_S = 20, 3.0


@dataclass(frozen=True)
class JobKind:
    """A kind whose rows are a `Job` model. `give_up` ends one as failed with an error."""

    name: str
    model: type[Job]
    give_up: Callable[[Any, str], None]
    patience: timedelta

    def due(self, at: Moment) -> bool:
        return self.model.objects.due(at).exists()  # type: ignore[attr-defined]

    def move_back(self, step: timedelta) -> None:
        self.model.objects.all().move_back(step)  # type: ignore[attr-defined]

    def work(self, most: int) -> int:
        raise NotImplementedError

    def attempt(self, job: Job, perform: Callable[[Any], object]) -> None:
        """Do the effect of a job that is claimed. `perform` ends the job itself; what it raises decides what comes of
        this attempt otherwise."""
        try:
            self._attempt(job, perform)
        except LeaseLost:
            logger.warning("job.lease_lost kind=%s id=%s", self.name, job.pk)

    def _attempt(self, job: Job, perform: Callable[[Any], object]) -> None:
        try:
            perform(job)
        except LeaseLost:
            raise
        except NotNow:
            job.hand_back()
        except TryAgain as trouble:
            self._later(job, trouble.error, trouble.after)
        except Final as trouble:
            self.give_up(job, trouble.error)
        except (SystemExit, KeyboardInterrupt):
            job.hand_back()
            raise
        except Exception as error:
            # The text of an unknown error may hold anything, so only its kind is kept.
            logger.error("job.failed kind=%s id=%s error=%s", self.name, job.pk, type(error).__name__, exc_info=error)
            self._later(job, type(error).__name__, None)

    def _later(self, job: Job, error: str, after: timedelta | None) -> None:
        if clock.read() - job.patience_from >= self.patience:
            self.give_up(job, error)
        else:
            job.try_again(error, max(after or timedelta(), backoff(job.attempts)))


@dataclass(frozen=True)
class OneByOne(JobKind):
    """A kind of which each job is an attempt of its own. `perform` does the effect and ends the job itself."""

    perform: Callable[[Any], None]
    after: Callable[[Any], object] = lambda job: None
    """What is to be looked at after an attempt. It may be lost with the worker, so it is found by other means, too."""

    def work(self, most: int) -> int:
        return int(self.work_one())

    def work_one(self) -> bool:
        job = self.model.objects.all().claim()  # type: ignore[attr-defined]
        if job is None:
            return False
        point("job.claimed", job)
        self.attempt(job, self.perform)
        self.after(job)
        return True


def work_until_idle(limit: int = 1_000_000, stop: threading.Event | None = None) -> int:
    """Carry out due work of every kind until none is left, or `stop` is set. Returns how many pieces were done.

    Kinds take turns, of so many pieces and so long at most, so that a long queue of one holds up no other: the upstream
    is to hear of who is suppressed before thousands of others are erased.
    """
    if any(forbids() for forbids in forbidding):
        return 0
    done = 0
    while True:
        before = done
        for kind in kinds:
            turn, ends = min(TURN, limit - done), monotonic() + TURN_S
            while turn > 0 and not (stop and stop.is_set()) and (some := kind.work(turn)):
                done += some
                turn = turn - some if monotonic() < ends else 0
        if done == before:
            return done
