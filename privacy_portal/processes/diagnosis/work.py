"""Durable jobs that do not move, and the audit chain's sealer."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.durable import clock
from privacy_portal.durable.jobs import JobKind
from privacy_portal.durable.models import FailingChore, Job, JobQuerySet
from privacy_portal.durable.registry import kinds
from privacy_portal.processes.diagnosis.finding import Finding
from regulations.engine import Progress, updates_owed

LATE = timedelta(seconds=60)
"""The sweep carries out what stays unclaimed for 10 s, so a minute means that nobody works at all."""
PATIENCE = timedelta(hours=1)
SHOWN = 5
SWEEP = "start the portal (make up), or carry it out from here: manage.py sweep (Ctrl-C ends it)"


def failed_updates() -> Iterator[Finding]:
    for update in updates_owed().select_related("brand").order_by("pk"):
        yield Finding(
            f"identify update {update.pk} ({update.brand}) failed", update.last_error,
            f'see to the upstream, then curl -X POST -H "Authorization: Bearer $API_TOKEN" '
            f"{settings.PUBLIC_URL}/api/v1/identify-updates/{update.pk}/retry/",
        )  # fmt: skip


def retrying() -> Iterator[Finding]:
    """Tried again by themselves; for longer than an hour it is worth a look at the other side."""
    now = clock.read()
    for kind in _job_kinds():
        for job in kind.model._default_manager.filter(status=kind.model.RETRYING).exclude(last_error="").order_by("pk"):
            yield Finding(
                f"{_words(kind)} {job.known_as} is retrying after {job.attempts} attempts", job.last_error,
                f"tried again at {job.due_at:%Y-%m-%d %H:%M:%S} UTC",
                passes=now - job.patience_from < PATIENCE,
            )  # fmt: skip


def unclaimed() -> Iterator[Finding]:
    late = clock.now() - LATE
    for kind in _job_kinds():
        due: JobQuerySet[Job] = kind.model.objects.due(late)  # type: ignore[attr-defined]
        if number := due.count():
            what = f"{number} × {_words(kind)} due and unclaimed: {_ids(due)}"
            yield Finding(what, "no worker and no sweep takes them", SWEEP)
    if Progress().due(late):
        yield Finding("regulations that could move on", "no worker and no sweep moves them", SWEEP)


def failing_chores() -> Iterator[Finding]:
    """The sweep beats all the same: it goes on with its other chores."""
    for chore in FailingChore.objects.order_by("name"):
        yield Finding(
            f"the sweep's chore {chore.name} has failed since {chore.since:%Y-%m-%d %H:%M:%S} UTC",
            chore.error,
            f"read where in its log, at sweep.failed chore={chore.name}; it is tried again by itself",
        )


def unsealed() -> Iterator[Finding]:
    late = Entry.objects.unsealed().filter(at__lt=timezone.now() - LATE).count()
    if late:
        why = "the sweep, which seals within a second, does not run, or fails at it"
        yield Finding(f"{late} audit entries are not sealed", why, "manage.py verify_audit, and start the portal")


def _job_kinds() -> list[JobKind]:
    return [kind for kind in kinds if isinstance(kind, JobKind)]


def _words(kind: JobKind) -> str:
    return kind.name.replace("_", " ")


def _ids(jobs: JobQuerySet[Job]) -> str:
    words = [str(pk) for pk in jobs.order_by("due_at").values_list("pk", flat=True)[: SHOWN + 1]]
    return ", ".join(words[:SHOWN]) + (" …" if len(words) > SHOWN else "")
