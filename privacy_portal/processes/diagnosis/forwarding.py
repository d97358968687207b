"""Events that wait too long to be forwarded, and those that the upstream refused."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import models

from privacy_portal.brands.models import Brand
from privacy_portal.durable import clock
from privacy_portal.processes.diagnosis.finding import Finding
from privacy_portal.tracking.models import Event, EventStatus, Forwarding

LATE = timedelta(hours=1)
COUNTED = 10_000


def late() -> Iterator[Finding]:
    now = clock.read()
    for job in Forwarding.objects.select_related("brand").order_by("pk"):
        oldest = job.oldest()
        if oldest is None or now - oldest < LATE:
            continue
        waiting = _number(Event.objects.waiting().filter(brand=job.brand))
        yield Finding(
            f"{waiting} events of {job.brand} wait to be forwarded, the oldest since {oldest:%Y-%m-%d %H:%M} UTC",
            job.last_error or "they arrive faster than the upstream takes them",
            "see to the upstream, and to upstream_url and upstream_token; what waits is then sent by itself",
        )


def failed() -> Iterator[Finding]:
    for brand in Brand.objects.order_by("pk"):
        events = Event.objects.filter(brand=brand, status=EventStatus.FAILED)
        if events.exists():
            yield Finding(
                f"{_number(events)} events of {brand} were refused by its upstream",
                "the page of each in the console says why",
                f"correct that, then manage.py forward_again {brand}",
            )


def _number(events: "models.QuerySet[Event]") -> str:
    """Counted only as far as anyone wants to know."""
    number = events.order_by()[:COUNTED].count()
    return f"{number:,}" if number < COUNTED else f"{number:,} or more"
