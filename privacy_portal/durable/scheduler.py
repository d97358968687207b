"""Celery beat's schedule, kept in memory, telling the database that it ticks."""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, close_old_connections

from privacy_portal.durable.models import Heartbeat

log = logging.getLogger(__name__)
EVERY_S = 3.0


class HeartbeatScheduler(Scheduler):
    """Records `scheduler` at most every three seconds, and lets nothing of the database stop the bells."""

    max_interval = 1
    _last_beat = float("-inf")

    def setup_schedule(self) -> None:
        """Nothing is remembered from the last run, so everything is due at the start."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = datetime.fromtimestamp(0, UTC)

    def tick(self, *args: Any, **options: Any) -> float:
        self._beat()
        delay: float = super().tick(*args, **options)
        return delay

    def _beat(self) -> None:
        if time.monotonic() - self._last_beat < EVERY_S:
            return
        self._last_beat = time.monotonic()
        close_old_connections()
        try:
            Heartbeat.beat("scheduler")
        except DatabaseError as error:
            log.warning("scheduler_heartbeat_failed error=%s", error.__class__.__name__)
