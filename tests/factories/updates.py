"""Identify updates, made and attempted as in life."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate


def announce(brand: Brand, user_id: str = "u1") -> IdentifyUpdate:
    subject, _ = Subject.objects.ensure(brand, user_id)
    return IdentifyUpdate.objects.announce(subject, channels=True)


def attempt(update: IdentifyUpdate) -> IdentifyUpdate:
    """Do what the workers would do until nothing is due, and read the row again."""
    work_until_idle()
    update.refresh_from_db()
    return update


def make_due(update: IdentifyUpdate) -> None:
    IdentifyUpdate.objects.filter(pk=update.pk).update(due_at=timezone.now())


@contextmanager
def workers(number: int) -> Iterator[None]:
    """Threads with connections of their own that do what is due, each once until none is left, while the block runs."""

    def work() -> None:
        try:
            work_until_idle()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
