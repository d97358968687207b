"""What a stored identify means beyond its row: consent goes to the ledger, addresses to where people are looked up.

Runs in the transaction that stored the events, for a whole group at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from privacy_portal.consent import ledger
from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Source
from privacy_portal.consent.traits import Named, read
from privacy_portal.subjects.models import ContactPoint, Link, Subject
from privacy_portal.subjects.models.contact_point import address_key
from privacy_portal.tracking import homecoming
from privacy_portal.tracking.models import Action, Event, EventStatus
from privacy_portal.tracking.store.links import Pair
from privacy_portal.tracking.store.row import BrandView, Effects, Row

CHANNELS_AT = "traits.marketingPreferences.channels"


@dataclass(frozen=True, slots=True)
class Said:
    """A stored identify that says something."""

    brand: BrandView
    public: bool
    row: Row
    effects: Effects


def effects_of(traits: object, message_id: str | None, public: bool) -> Effects | None:
    """What an identify's traits say, or None when there is nothing to follow up."""
    if not isinstance(traits, dict):
        return None
    preferences = traits.get("marketingPreferences")
    channels = preferences.get("channels") if isinstance(preferences, dict) else preferences
    # A public token never sets an address (contract T15).
    email, phone = (None, None) if public else (_address(traits, "email"), _address(traits, "phone"))
    if channels is None and email is None and phone is None:
        return None
    return Effects(channels, email, phone, message_id)


def _address(traits: dict[str, object], name: str) -> str | None:
    value = traits.get(name)
    return value if isinstance(value, str) and value.strip() else None


def follow(said: list[Said]) -> None:
    """Follow up what was stored; what the gate kept out says nothing."""
    stored = set(
        Event.objects.filter(
            event_id__in=[one.row.event_id for one in said], status=EventStatus.STORED
        ).values_list("event_id", flat=True)
    )
    said = [one for one in said if one.row.event_id in stored]
    own = homecoming.own_updates({one.effects.message_id for one in said if one.effects.message_id})
    for brand in {one.brand.pk: one.brand for one in said}.values():
        _follow_brand(brand, [o for o in said if o.brand.pk == brand.pk and o.effects.message_id not in own])


def _follow_brand(brand: BrandView, said: list[Said]) -> None:
    ids = Subject.objects.ensure_many(brand.as_brand(), (one.row.user_id for one in said if one.row.user_id is not None))
    ContactPoint.objects.keep_newest(
        [
            ContactPoint(subject_id=ids[one.row.subject_key], kind=kind, key=address_key(brand.path, kind, address),
                         stated_at=one.row.timestamp)
            for one in said
            if one.row.subject_key is not None
            for kind, address in (("email", one.effects.email), ("phone", one.effects.phone))
            if address is not None
        ]
    )  # fmt: skip
    _consent(brand, said, ids)


def _consent(brand: BrandView, said: list[Said], ids: dict[bytes, UUID]) -> None:
    changes: list[Change] = []
    origins: list[tuple[UUID, Named]] = []
    errors: dict[UUID, list[str]] = {}
    for one in said:
        if one.effects.channels is None:
            continue
        named, wrong = read(one.effects.channels, CHANNELS_AT, brand.channels)
        errors[one.row.event_id] = wrong
        for entry in named:
            if entry.subscribed and one.public:
                wrong.append(f"{entry.at}.subscribed must be false with a public auth-token")
                continue
            for subject_id in _whose(one.row, ids, entry):
                changes.append(_change(subject_id, entry, one.row.timestamp, one.row.received_at, one.row.event_id))
                origins.append((one.row.event_id, entry))
    for (event_id, entry), verdict in zip(origins, ledger.record(changes, sticky=brand.sticky), strict=True):
        if verdict is Verdict.CLAIMED:
            errors[event_id].append(
                f"{entry.at}.subscribed must come from the person, who withdrew it, or carry later evidence"
            )
    for event_id, wrong in errors.items():
        if wrong:
            Event.objects.filter(event_id=event_id).update(errors=wrong)


def _whose(row: Row, ids: dict[bytes, UUID], entry: Named) -> list[UUID]:
    if row.subject_key is not None:
        return [ids[row.subject_key]]
    people = list(
        Link.objects.filter(anonymous_key=row.anonymous_key, confirmed=True).values_list("subject_id", flat=True)
    )
    # Of several people who use one device any may withdraw for all; none can grant for another.
    return people if len(people) == 1 or not entry.subscribed else []


def _change(subject_id: UUID, entry: Named, occurred_at: datetime, received_at: datetime, event_id: UUID) -> Change:
    return Change(
        subject_id, entry.channel, entry.subscribed, Source.IDENTIFY, received_at, occurred_at, event_id,
        proof=entry.proof,
    )  # fmt: skip


def settle_waiting(arrived: Iterable[tuple[Pair, UUID]]) -> None:
    """Consent that a device stated before it was known whose it is, applied when its link arrives (contract C4)."""
    arrived = list(arrived)
    open_gates = set(Subject.objects.filter(pk__in=[pk for _, pk in arrived], suppressed=False).values_list("pk", flat=True))
    for pair, subject_id in arrived:
        if subject_id not in open_gates:
            continue
        earlier = Event.objects.of_device(pair.brand.pk, pair.anonymous_key).filter(action=Action.IDENTIFY)
        changes = []
        for event in earlier.order_by("id").iterator(chunk_size=200):
            effects = effects_of(event.call().get("traits"), None, public=False)
            if effects is None or effects.channels is None or event.timestamp is None:
                continue
            refused = " ".join(event.errors or [])
            for entry in read(effects.channels, CHANNELS_AT, pair.brand.channels)[0]:
                if f"{entry.at}." not in refused:
                    changes.append(
                        _change(subject_id, entry, event.timestamp, event.received_at, event.event_id)
                    )
        ledger.record(changes, sticky=pair.brand.sticky)
