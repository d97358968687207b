"""What a stored identify means beyond its row: consent goes to the ledger, addresses to where people are looked up.

Runs in the transaction that stored the events, for a whole group at once.
"""

from privacy_portal.subjects.models import Subject
from privacy_portal.tracking import homecoming
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import addresses, consent
from privacy_portal.tracking.store.row import BrandView
from privacy_portal.tracking.store.said import Said


def follow(said: list[Said]) -> None:
    """Follow up what was stored; what the gate kept out says nothing."""
    ids = [one.row.event_id for one in said]
    kept = {str(pk) for pk in Event.objects.kept().filter(event_id__in=ids).values_list("event_id", flat=True)}
    said = [one for one in said if one.row.event_id in kept]
    for _, brand in sorted({one.brand.pk: one.brand for one in said}.items()):
        _follow_brand(brand, [one for one in said if one.brand.pk == brand.pk])


def _follow_brand(brand: BrandView, said: list[Said]) -> None:
    own = homecoming.own_updates(brand.pk, {str(one.message_id) for one in said if one.message_id})
    said = [one for one in said if one.message_id not in own]
    user_ids = (one.row.user_id for one in said if one.row.user_id is not None)
    ids = Subject.objects.ensure_many(brand.as_brand(), user_ids)
    addresses.keep(brand.path, said, ids)
    consent.take(brand, [one for one in said if one.effects.channels is not None], ids)
