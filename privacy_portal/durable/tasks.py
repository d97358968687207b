"""The Celery tasks: a message says only "look"; what there is to do stands in the database."""

from celery import shared_task

from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.durable.models import Heartbeat


@shared_task(name="privacy_portal.durable.tasks.look")
def look() -> None:
    work_until_idle()


@shared_task(name="privacy_portal.durable.tasks.heartbeat")
def heartbeat() -> None:
    """Proves the whole chain: the scheduler sent it, the broker carried it, a worker ran it."""
    Heartbeat.beat("worker")
