"""Whose data an export holds, settled once at its start, so that a running ingest cannot change it half-way."""

from dataclasses import dataclass

from django.db.models import Max

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.models.event import EventQuerySet
from privacy_portal.tracking.store import barrier


@dataclass(frozen=True)
class Person:
    """`user_id`: None of someone erased, whom a file that lies for weeks must not name (contract G10).

    `last_id`: the newest event that is looked at. `devices`: keys of the anonymousIds linked to this person alone.

    `shared_devices`, `unconfirmed_devices`: how many are left out (contract T14). `addresses`: kinds of address, email
    and phone, by which the person can be found.
    """

    subject: Subject
    brand: Brand
    user_id: str | None
    last_id: int
    devices: tuple[bytes, ...]
    shared_devices: int
    unconfirmed_devices: int
    addresses: tuple[str, ...]

    @property
    def is_nameless(self) -> bool:
        """Nor then is free text about them in it: staff may have written the name there."""
        return self.user_id is None

    @property
    def linked_devices(self) -> int:
        return len(self.devices) + self.shared_devices + self.unconfirmed_devices

    def sources(self) -> list[EventQuerySet]:
        """The events of `EventQuerySet.of_person`."""
        return Event.objects.walks(self.subject, self.devices)


def person_of(subject: Subject) -> Person:
    links = Link.objects
    last_id = Event.objects.aggregate(last=Max("id"))["last"] or 0
    barrier.wait_for_in_flight(subject.brand_id)  # what has a smaller id, and is not there yet
    return Person(
        subject=subject,
        brand=subject.brand,
        user_id=None if subject.erased_at and subject.suppressed else subject.clear_user_id,
        last_id=last_id,
        devices=tuple(sorted(bytes(key) for key in links.own_devices(subject))),
        shared_devices=links.shared_devices(subject).count(),
        unconfirmed_devices=links.filter(subject=subject, confirmed=False).count(),
        addresses=tuple(subject.contact_points.order_by("kind").values_list("kind", flat=True)),
    )
