"""/metrics: what the web process counts, and gauges that the database answers, so one process tells it all."""

from collections.abc import Iterator

from django.db import DatabaseError
from django.db.models import Count, Min
from prometheus_client import REGISTRY, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from privacy_portal.durable import clock
from privacy_portal.durable.jobs import JobKind
from privacy_portal.durable.models import FailingChore, Heartbeat, Job, JobQuerySet
from privacy_portal.durable.registry import kinds
from privacy_portal.tracking.models import Forwarding
from regulations.models import Regulation

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Database(Collector):
    """Rows as gauges; read anew at each scrape. Without a database only `portal_database_up 0` is told."""

    def describe(self) -> list[Metric]:
        """Nothing is asked of the database when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("portal_database_up", "Whether the database answered this scrape")
        try:
            families = [*_jobs(), _forwarding(), _regulations(), _heartbeats(), _failing_chores()]
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield from (up, *families)


def _jobs() -> list[Metric]:
    now = clock.read()
    count = GaugeMetricFamily("portal_jobs", "Jobs that are not at an end", labels=["kind", "status"])
    oldest = GaugeMetricFamily("portal_oldest_due_job_seconds", "How long the oldest due job waits", labels=["kind"])
    for kind in kinds:
        if not isinstance(kind, JobKind):
            continue
        rows: JobQuerySet[Job] = JobQuerySet(kind.model).open()
        for status, number in rows.values_list("status").annotate(Count("pk")).order_by("status"):
            count.add_metric([kind.name, status], number)
        due = rows.filter(due_at__lte=now).aggregate(due=Min("due_at"))["due"]
        oldest.add_metric([kind.name], (now - due).total_seconds() if due else 0)
    return [count, oldest]


def _forwarding() -> Metric:
    family = GaugeMetricFamily("portal_forwarding_oldest_seconds", "How long the oldest event waits to be forwarded")
    oldest = min((at for job in Forwarding.objects.all() if (at := job.oldest())), default=None)
    family.add_metric([], max(0.0, (clock.read() - oldest).total_seconds()) if oldest else 0)
    return family


def _regulations() -> Metric:
    family = GaugeMetricFamily("portal_regulations", "Regulations by status", labels=["status"])
    for status, number in Regulation.objects.values_list("status").annotate(Count("pk")).order_by("status"):
        family.add_metric([status], number)
    return family


def _heartbeats() -> Metric:
    now = clock.read()
    family = GaugeMetricFamily(
        "portal_heartbeat_age_seconds", "Since a part last showed that it works", labels=["part"]
    )
    for beat in Heartbeat.objects.order_by("name"):
        family.add_metric([beat.name], (now - beat.at).total_seconds())
    return family


def _failing_chores() -> Metric:
    now = clock.read()
    family = GaugeMetricFamily(
        "portal_chore_failing_seconds", "For how long a chore of the sweep has been failing", labels=["chore"]
    )
    for chore in FailingChore.objects.order_by("name"):
        family.add_metric([chore.name], (now - chore.since).total_seconds())
    return family


disable_created_metrics()
REGISTRY.register(Database())


def exposition() -> bytes:
    """The text that Prometheus reads."""
    return generate_latest(REGISTRY)
