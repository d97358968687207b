"""The sweep: rings for what is due, carries out itself what nobody took, and does the chores.

It needs neither broker nor worker, so a dead or deaf one delays work and never stops it.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import close_old_connections, transaction

from privacy_portal.durable import bell, clock
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.durable.models import Heartbeat
from privacy_portal.durable.registry import MORE, chores, kinds

logger = logging.getLogger(__name__)
UNCLAIMED = timedelta(seconds=10)
LOOKS_EVERY_S = 1.0
CHORES_EVERY_S = 0.5
HEARTBEAT_EVERY = 3.0
NAME = "sweep"


class Sweep:
    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Work has a thread of its own: a long piece of it must not keep the audit chain's sealer waiting."""
        working = threading.Thread(target=self._repeat, args=(self.look, LOOKS_EVERY_S, stop), name="sweep")
        working.start()
        self._repeat(self.do_chores, CHORES_EVERY_S, stop)
        working.join()

    def _repeat(self, act: Callable[[threading.Event], None], pause: float, stop: threading.Event) -> None:
        while not stop.wait(pause):
            try:
                act(stop)
            except Exception as error:  # the database may be away: the next time tries again
                logger.warning("sweep.failed error=%s", type(error).__name__)
                close_old_connections()

    def once(self) -> None:
        self.do_chores()
        self.look()

    def look(self, stop: threading.Event | None = None) -> None:
        if any(kind.due(clock.now() - UNCLAIMED) for kind in kinds):
            work_until_idle(limit=100, stop=stop)
        elif any(kind.due(clock.now()) for kind in kinds):
            bell.ring()

    def do_chores(self, stop: threading.Event | None = None) -> None:
        self._follow_the_clock()  # before the beat by which it is seen
        for chore in chores:
            if self._is_time(chore.name, chore.seconds) and chore.run() is MORE:
                del self._last[chore.name]
        if self._is_time("heartbeat", HEARTBEAT_EVERY):
            Heartbeat.beat(NAME)

    def _follow_the_clock(self) -> None:
        """A clock that was set back by an hour must not make what waits wait for an hour. Of several sweeps one does
        it: the others find the beat renewed."""
        if not Heartbeat.fell_back(NAME):
            return
        with transaction.atomic():
            Heartbeat.objects.select_for_update().get(name=NAME)
            if step := Heartbeat.fell_back(NAME):
                for kind in kinds:
                    kind.move_back(step)
                Heartbeat.beat(NAME)
                logger.warning("sweep.clock_set_back seconds=%.0f", step.total_seconds())

    def _is_time(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._last.get(name, -1e9) < seconds:
            return False
        self._last[name] = now
        return True
