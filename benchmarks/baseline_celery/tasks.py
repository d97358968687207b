"""One task carries out one regulation from its message to its end. A worker that dies in between loses it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from benchmarks.baseline_celery.app import app
from privacy_portal.audit.models import SYSTEM, record
from privacy_portal.consent.models import Evidence, Preference
from privacy_portal.storage import storage
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import barrier
from privacy_portal.upstream import client
from privacy_portal.upstream.message import composed
from privacy_portal.upstream.models import IdentifyUpdate
from privacy_portal.upstream.target import target_of
from regulations.exports.build import build
from regulations.models import Regulation, RegulationStatus
from regulations.models.export import ExportStatus, file_name


@app.task
def carry_out(regulation_id: str) -> None:
    started_at = timezone.now()
    regulation = Regulation.objects.select_related("subject", "brand").get(pk=UUID(regulation_id))
    kind, subject = regulation.kind, regulation.subject
    kind.begin(regulation, subject)
    if kind.erases:
        _erase(subject, started_at)
    if regulation.type == "access":
        build(regulation, timezone.now)
    else:
        _tell(regulation)
    with transaction.atomic():
        if kind.erases:
            _forget(subject, started_at)
        now = timezone.now()
        Regulation.objects.filter(pk=regulation.pk).update(
            status=RegulationStatus.FINISHED, started_at=started_at, finished_at=now
        )
        record("regulation.concluded", SYSTEM, brand=regulation.brand_id, subject=subject.pk, of=regulation)


def _erase(subject: Subject, now: datetime) -> None:
    subject.mark_erased(now)
    barrier.wait_for_in_flight(subject.brand_id)
    with transaction.atomic():
        events = Event.objects.of_person(subject, with_shared_devices=True)
        events.delete()
        ContactPoint.objects.filter(subject=subject).delete()
        Evidence.objects.filter(entry__subject=subject).delete()
        for export in subject.exports.ready():
            export.discard(ExportStatus.ERASED)
        for access in Regulation.objects.filter(subject=subject, type="access"):
            storage().delete(file_name(access))
    if events.count():
        raise RuntimeError("events arrived while erasing")


def _forget(subject: Subject, now: datetime) -> None:
    Regulation.objects.filter(subject=subject).update(reason="", ticket_ref="", intake="", language="")
    subject.forget(now)


def _tell(regulation: Regulation) -> None:
    """The same message to the same address by the same client."""
    subject, target = regulation.subject, target_of(regulation.brand)
    user_id = subject.clear_user_id
    assert user_id is not None
    update = IdentifyUpdate(
        id=regulation.pk, subject=subject, brand=regulation.brand, channels=regulation.kind.withdraws,
        regulation={"type": regulation.type, "id": str(regulation.pk)},
    )  # fmt: skip
    held = Preference.objects.of(subject.pk) if update.channels else {}
    client.post(target.url, target.token, composed(update, user_id, held), (user_id,))
