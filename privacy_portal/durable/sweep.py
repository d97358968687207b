"""The sweep: rings for what is due, carries out itself what nobody took, and does the chores.

It needs neither broker nor worker, so a dead or deaf one delays work and never stops it.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError, ProgrammingError, close_old_connections, connection, transaction

from privacy_portal.durable import bell, clock
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.durable.models import FailingChore, Heartbeat
from privacy_portal.durable.registry import MORE, Chore, chores, kinds

logger = logging.getLogger(__name__)
UNCLAIMED = timedelta(seconds=10)
LOOKS_EVERY_S = 1.0
CHORES_EVERY_S = 0.5
HEARTBEAT_EVERY = 3.0
TELLS_EVERY_S = 60.0
NAME = "sweep"


class Sweep:
    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._failing: set[str] = set()
        self._has_begun = False

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
                kind = type(error).__name__
                if self._is_time(f"{act.__name__} told {kind}", TELLS_EVERY_S):
                    logger.warning("sweep.failed error=%s", kind, exc_info=error)
                close_old_connections()

    def once(self) -> None:
        self.do_chores()
        self.look()

    def look(self, stop: threading.Event | None = None) -> None:
        if not any(kind.due(clock.now()) for kind in kinds):
            return
        if any(kind.due(clock.now() - UNCLAIMED) for kind in kinds):
            work_until_idle(limit=100, stop=stop)
        else:
            bell.ring()

    def do_chores(self, stop: threading.Event | None = None) -> None:
        """The heartbeat says that chores are done: all but those that are noted as failing."""
        self._follow_the_clock()  # before the beat by which it is seen
        self._begin()
        for chore in chores:
            if self._is_time(chore.name, chore.seconds):
                self._do(chore)
        if self._is_time("heartbeat", HEARTBEAT_EVERY):
            Heartbeat.beat(NAME)

    def _do(self, chore: Chore) -> None:
        """One that fails keeps no other waiting, and is tried again at its next time."""
        try:
            if chore.run() is MORE:
                del self._last[chore.name]
        except Exception as error:
            close_old_connections()
            connection.ensure_connection()  # when the database is away the others would fail, too
            self._note(chore.name, error)
        else:
            self._note_no_more(chore.name)

    def _begin(self) -> None:
        """What failed in the sweep before this one is now tried again."""
        if not self._has_begun:
            with suppress(ProgrammingError):  # a role that may not write it
                FailingChore.objects.all().delete()
            self._has_begun = True

    def _note(self, chore: str, error: Exception) -> None:
        """Not as often as it fails: some are tried again twice a second."""
        if not self._is_time(f"{chore} told", TELLS_EVERY_S):
            return
        logger.error("sweep.failed chore=%s error=%s", chore, type(error).__name__, exc_info=error)
        self._failing.add(chore)
        with suppress(DatabaseError):
            FailingChore.note(chore, error)

    def _note_no_more(self, chore: str) -> None:
        if chore in self._failing:
            FailingChore.objects.filter(name=chore).delete()
            self._failing.discard(chore)
            self._last.pop(f"{chore} told")

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
