"""Celery beat's schedule, kept in memory, telling the database that it ticks."""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.db import DatabaseError, close_old_connections

from privacy_portal.durable.models import Heartbeat

log = logging.getLogger(__name__)
EVERY_S = 3.0


class HeartbeatScheduler(Scheduler):
    """Records `scheduler` at most every three seconds. Neither database nor broker, nor a clock that is set back, stops
    the bells."""

    max_interval = 1
    _last_beat = float("-inf")

    def setup_schedule(self) -> None:
        """Nothing is remembered from the last run, so everything is due at the start."""
        super().setup_schedule()
        self._make_all_due()

    def _make_all_due(self) -> None:
        for entry in self.schedule.values():
            entry.last_run_at = datetime.fromtimestamp(0, UTC)
        self._heap = None

    def tick(self, *args: Any, **options: Any) -> float:
        self._beat()
        if any(entry.last_run_at > entry.default_now() for entry in self.schedule.values()):
            self._make_all_due()  # else the bells were silent until the clock has caught up
        delay: float = super().tick(*args, **options)
        return delay

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Celery's own prints two tracebacks for each message that a broker does not take."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:
            log.warning("bell.not_heard error=%s", error.__class__.__name__)

    def _beat(self) -> None:
        if time.monotonic() - self._last_beat < EVERY_S:
            return
        self._last_beat = time.monotonic()
        close_old_connections()
        try:
            Heartbeat.beat("scheduler")
        except DatabaseError as error:
            log.warning("scheduler_heartbeat_failed error=%s", error.__class__.__name__)
