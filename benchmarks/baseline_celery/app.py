"""The plain project's Celery app, on the portal's own settings, models and database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")

app = Celery("baseline", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(
    task_default_queue="baseline",
    task_ignore_result=True,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
)
app.conf.imports = ("benchmarks.baseline_celery.tasks",)
