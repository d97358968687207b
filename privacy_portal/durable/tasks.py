"""The Celery tasks: a message says only "look"; what there is to do stands in the database."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.durable.models import Heartbeat

logger = logging.getLogger(__name__)
LOOKERS = 3
"""One less than the worker's threads: a heartbeat always finds one free, however much there is to do."""

_free = threading.BoundedSemaphore(LOOKERS)
_stopping = threading.Event()


@worker_shutting_down.connect
def stop_claiming(**_: Any) -> None:
    """A worker that is told to stop ends with the piece it has, so a deploy burns no attempt."""
    _stopping.set()


@contextmanager
def _told_of_faults() -> Iterator[None]:
    """What a message asked for and was not done is found by the next, or by the sweep. Celery would print an error in
    its own words."""
    try:
        yield
    except Exception as error:
        logger.error("worker.failed error=%s", type(error).__name__, exc_info=error)


@shared_task(name="privacy_portal.durable.tasks.look")
def look() -> None:
    """Work until nothing is left. When enough look already, one of them, or the sweep, finds what this bell told of."""
    if not _free.acquire(blocking=False):
        return
    try:
        with _told_of_faults():
            work_until_idle(stop=_stopping)
    finally:
        _free.release()


@shared_task(name="privacy_portal.durable.tasks.heartbeat")
def heartbeat() -> None:
    """Proves the whole chain: the scheduler sent it, the broker carried it, a worker ran it."""
    with _told_of_faults():
        Heartbeat.beat("worker")
