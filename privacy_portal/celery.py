"""The Celery app. A message says only "look": the truth is in the database, so it may be lost or doubled.

Hence no results, early acknowledgement, no retries of tasks by Celery, and ids alone in messages.
"""

import os
from contextlib import suppress
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from celery import Celery, signals
from django.conf import settings
from django.utils.log import configure_logging
from kombu.asynchronous import get_event_loop
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
# Django's checks read the addresses, and with them the console and the REST API: half a second, and memory for good.
# What must be checked at each start says so itself (processes/subject_key.py).
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

SECONDS_TO_CONNECT = 3
TRANSPORT_ALIASES["filesystem"] = "privacy_portal.durable.folder:Transport"


def transport_options(url: str) -> dict[str, Any]:
    """kombu's options for the transport that the broker's URL names."""
    scheme = urlsplit(url).scheme
    if scheme == "filesystem":
        folder = settings.DATA_DIR / "broker"
        options: dict[str, Any] = {
            "data_folder_in": folder / "messages",
            "data_folder_out": folder / "messages",
            "control_folder": folder / "control",
        }
        # Where that fails, /readyz and doctor say so; no command needs a bell.
        with suppress(OSError):
            for path in options.values():
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A taken message passes through the system's temp folder: `up` sets that to one on the same file system.
        return {**options, "polling_interval": 0.05}
    if scheme in ("redis", "rediss"):
        return {
            "global_keyprefix": settings.CELERY_KEY_PREFIX,
            "socket_timeout": 10,
            "socket_connect_timeout": SECONDS_TO_CONNECT,
            "socket_keepalive": True,
            "health_check_interval": 10,
        }
    # A publish that RabbitMQ refuses is lost silently unless it is confirmed.
    return {"confirm_publish": True, "connect_timeout": SECONDS_TO_CONNECT}


def queue_options(url: str) -> dict[str, Any]:
    """Quorum queues, the only ones that always return a killed worker's message, where there are any."""
    if not urlsplit(url).scheme.startswith("amqp"):
        return {}
    return {"task_default_queue_type": "quorum", "task_default_exchange_type": "topic"}


@signals.setup_logging.connect
def log_as_all_do(**_: Any) -> None:
    """Celery, left to itself, adds handlers that print errors in their own words."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@signals.worker_shutting_down.connect
def wake_to_stop(**_: Any) -> None:
    """Beside RabbitMQ a worker's loop looks whether it is to stop only when something wakes it: up to ten seconds
    later, when it is killed. Not woken from here, since this runs in the loop's thread, in the midst of anything."""
    if loop := get_event_loop():
        Thread(target=loop.call_soon, args=(lambda: None,), daemon=True).start()


app = Celery("privacy_portal")
app.set_default()  # for every thread, not for the one that imports this module first
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=transport_options(settings.CELERY_BROKER_URL),
    broker_connection_timeout=SECONDS_TO_CONNECT,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    **queue_options(settings.CELERY_BROKER_URL),
    task_default_queue="privacy_portal",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    result_expires=None,
    # Once and at once: a connection that a restarted broker has closed is only noticed, and made anew, by a retry.
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    task_send_sent_event=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    timezone="UTC",
    beat_scheduler="privacy_portal.durable.scheduler:HeartbeatScheduler",
    beat_schedule={
        "heartbeat": {"task": "privacy_portal.durable.tasks.heartbeat", "schedule": 3.0, "options": {"expires": 15}},
        "look": {"task": "privacy_portal.durable.tasks.look", "schedule": 5.0, "options": {"expires": 15}},
    },
)
app.autodiscover_tasks(["privacy_portal.durable"])
