"""The bell: after a commit, tell the workers to look. At most one ring per 50 ms and process, off the
request's path; a broker that is down costs nothing, the sweep finds what no bell announced."""

import logging
import os
import threading
import time
from importlib import import_module

from django.db import transaction

logger = logging.getLogger(__name__)
INTERVAL = 0.05


class _Ringer:
    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._started = threading.Lock()
        self._pid = 0

    def want(self) -> None:
        if self._pid != os.getpid():
            with self._started:
                if self._pid != os.getpid():
                    threading.Thread(target=self._run, name="bell", daemon=True).start()
                    self._pid = os.getpid()
        self._wanted.set()

    def _run(self) -> None:
        # The writer's process has no other use for Celery, so nothing else there has brought in the portal's own app:
        # without it, look would go to the broker that Celery thinks of when it has been told of none.
        import_module("privacy_portal.celery")
        from privacy_portal.durable.tasks import look

        while self._wanted.wait():
            self._wanted.clear()
            try:
                look.apply_async(ignore_result=True)
            except Exception as error:  # whatever a broker client raises: the sweep does without it
                logger.warning("bell.not_heard error=%s", type(error).__name__)
            time.sleep(INTERVAL)


_ringer = _Ringer()


def ring() -> None:
    """Ring once the current transaction has committed (at once outside of one)."""
    transaction.on_commit(_ringer.want, robust=True)
