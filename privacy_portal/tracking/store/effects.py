"""What a stored identify means beyond its row: consent goes to the ledger, addresses to where people are looked up.

Runs in the transaction that stored the events, for a whole group at once.
"""

from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.subjects.models.contact_point import address_key
from privacy_portal.tracking import homecoming
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import consent
from privacy_portal.tracking.store.row import BrandView
from privacy_portal.tracking.store.said import Said


def follow(said: list[Said]) -> None:
    """Follow up what was stored; what the gate kept out says nothing."""
    ids = [one.row.event_id for one in said]
    kept = {str(pk) for pk in Event.objects.kept().filter(event_id__in=ids).values_list("event_id", flat=True)}
    said = [one for one in said if one.row.event_id in kept]
    own = homecoming.own_updates({str(one.message_id) for one in said if one.message_id})
    for _, brand in sorted({one.brand.pk: one.brand for one in said}.items()):
        _follow_brand(brand, [o for o in said if o.brand.pk == brand.pk and o.message_id not in own])


def _follow_brand(brand: BrandView, said: list[Said]) -> None:
    user_ids = (one.row.user_id for one in said if one.row.user_id is not None)
    ids = Subject.objects.ensure_many(brand.as_brand(), user_ids)
    ContactPoint.objects.keep_newest(
        [
            ContactPoint(
                subject_id=ids[one.row.subject_key],
                kind=kind,
                key=address_key(brand.path, kind, address),
                stated_at=one.row.timestamp,
            )
            for one in said
            if one.row.subject_key is not None
            for kind, address in (("email", one.effects.email), ("phone", one.effects.phone))
            if address is not None
        ]
    )
    consent.take(brand, [one for one in said if one.effects.channels is not None], ids)
