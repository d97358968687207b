"""The portal's own store: events, and what else it holds in clear about a person."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from privacy_portal.consent.models import Evidence
from privacy_portal.durable.errors import TryAgain
from privacy_portal.sqlite.wipe import wipe
from privacy_portal.storage import storage
from privacy_portal.subjects.models import ContactPoint, Link, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import barrier
from regulations.destinations.base import Destination

if TYPE_CHECKING:
    from regulations.models import Step

CHUNK = 500


class EventStore(Destination):
    name = "event_store"
    label = "Event store"
    actions = frozenset({"collect", "erase"})

    def collect(self, step: "Step") -> None:
        from regulations.exports.build import build
        from regulations.models.step import Result

        step.finish(Result.COLLECTED, build(step.regulation, step.renew_in_time))

    def erase(self, step: "Step") -> None:
        """Barrier, delete in chunks that commit, count again (DESIGN, idea 1).

        From the mark on, a link that arrives takes its device's earlier events with it, so none is missed between
        reading the links and the end.
        """
        from regulations.models.step import Result

        subject = step.regulation.subject
        with transaction.atomic():
            subject.mark_erased(timezone.now())
            step.renew()  # who lost the lease must not mark someone who was let in again since
        barrier.wait_for_in_flight(subject.brand_id)
        events = Event.objects.of_person(subject, with_shared_devices=True)
        erased = self._delete(subject, step)
        step.renew()
        self._delete_clear_text(subject)
        left = events.count()
        if left:
            raise TryAgain(f"{left} events arrived while erasing")
        if not wipe(step.renew_in_time):
            raise TryAgain("a long read keeps erased pages in the database's files")
        step.finish(Result.ERASED_AND_CHECKED, {"events": erased, "left": left})

    def _delete(self, subject: Subject, step: "Step") -> int:
        erased = step.counts.get("events", 0)
        devices = Link.objects.confirmed_for(subject).values_list("anonymous_key", flat=True)
        for events in Event.objects.walks(subject, map(bytes, devices)):
            step.renew_in_time()
            for page in events.pages(CHUNK, "event_id"):
                # Event ids lead to the partitions that hold these rows, and their place in the walk to the rows.
                some = events.filter(id__range=(page[0][0], page[-1][0]), event_id__in=[each for _, each in page])
                with transaction.atomic():
                    erased += some.delete()[0]
                    step.note_progress({"events": erased})
        return erased

    def _delete_clear_text(self, subject: Subject) -> None:
        from regulations.models import Regulation
        from regulations.models.export import ExportStatus, file_name

        ContactPoint.objects.filter(subject=subject).delete()
        Evidence.objects.filter(entry__subject=subject).delete()
        for export in subject.exports.ready():
            export.discard(ExportStatus.ERASED)
        # A worker killed between the file and its row, and a build that was given up, leave a file that no row names.
        for access in Regulation.objects.collecting().filter(subject=subject):
            storage().delete(file_name(access))


DESTINATION = EventStore()
