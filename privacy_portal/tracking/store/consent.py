"""What stored identify calls say about channels, taken to the ledger (contract C3, C4, T15).

Runs in the transaction that stored them. Consent of a device waits for its link: it is read again from the device's
stored events when the link arrives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from privacy_portal.consent import ledger
from privacy_portal.consent.decision import GRANT_AGAINST_WITHDRAWAL, Verdict
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Entry, Source
from privacy_portal.consent.traits import Named, read
from privacy_portal.subjects.models import Link
from privacy_portal.tracking.models import Action, Event
from privacy_portal.tracking.store import many
from privacy_portal.tracking.store.links import Pair
from privacy_portal.tracking.store.row import BrandView, Row
from privacy_portal.tracking.store.said import Said, effects_of

# What is told of an event is kept with it, and a refused grant is known by it when a link arrives: never reword these.
CHANNELS_AT = "traits.marketingPreferences.channels"
GRANT_BY_PUBLIC = "must be false with a public auth-token"

_STATED = (
    "SELECT DISTINCT anonymous_key FROM tracking_event"
    f" WHERE subject_key IS NULL AND anonymous_key IN ({{rows}}) AND action = '{Action.IDENTIFY}'"
)


@dataclass(frozen=True, slots=True)
class _Stated:
    """One entry of one event, about one person."""

    subject_id: UUID
    entry: Named
    event_id: UUID
    occurred_at: datetime
    received_at: datetime

    def change(self) -> Change:
        return Change(
            self.subject_id,
            self.entry.channel,
            self.entry.subscribed,
            Source.IDENTIFY,
            self.received_at,
            self.occurred_at,
            self.event_id,
            proof=self.entry.proof,
        )


def take(brand: BrandView, said: Sequence[Said], ids: dict[bytes, UUID]) -> None:
    """Append what these calls say, and note at each event what was not obeyed. `ids`: subjects by key."""
    errors: dict[UUID, list[str]] = {}
    stated: list[_Stated] = []
    for one in said:
        row, event_id = one.row, UUID(one.row.event_id)
        named, wrong = read(one.effects.channels, CHANNELS_AT, brand.channels)
        errors[event_id] = wrong
        for entry in named:
            if entry.subscribed and one.public:
                wrong.append(f"{entry.at}.subscribed {GRANT_BY_PUBLIC}")
                continue
            people = _whose(row, ids, entry)
            stated += [_Stated(pk, entry, event_id, row.timestamp, row.received_at) for pk in people]
    _append(brand, stated, errors)


def _whose(row: Row, ids: dict[bytes, UUID], entry: Named) -> list[UUID]:
    """The people an entry speaks for. A device speaks for all who are linked to it when it withdraws, and when it
    grants only for the one person it is confirmed to belong to."""
    if row.subject_key is not None:
        return [ids[row.subject_key]]
    links = Link.objects.filter(anonymous_key=row.anonymous_key).values_list("subject_id", "confirmed")
    if not entry.subscribed:
        return [subject_id for subject_id, _ in links]
    confirmed = [subject_id for subject_id, is_confirmed in links if is_confirmed]
    return confirmed if len(confirmed) == 1 else []


def settle_waiting(arrived: list[tuple[Pair, UUID]]) -> None:
    """What a device stated before it was known whose it is, applied when its link arrives (contract C4)."""
    stating = _that_stated([pair.anonymous_key for pair, _ in arrived])
    for pair, subject_id in arrived:
        if pair.anonymous_key in stating:
            _settle(pair, subject_id)


def _that_stated(devices: list[bytes]) -> set[bytes]:
    """Those of the devices that sent an identify of nobody known; most that are linked are new, and sent nothing."""
    return {bytes(key) for (key,) in many.fetch(_STATED, "bytea", [(device,) for device in devices])}


def _settle(pair: Pair, subject_id: UUID) -> None:
    earlier = Event.objects.of_device(pair.brand.pk, pair.anonymous_key).filter(action=Action.IDENTIFY)
    others = Link.objects.filter(anonymous_key=pair.anonymous_key, confirmed=True).exclude(subject_id=subject_id)
    may_grant = pair.confirmed and not others.exists()
    errors: dict[UUID, list[str]] = {}
    stated: list[_Stated] = []
    for event in earlier.order_by("id").iterator(chunk_size=200):
        effects = effects_of(event.call().get("traits"), public=False)
        if effects is None or effects.channels is None or event.timestamp is None:
            continue
        errors[event.event_id] = event.errors or []
        refused = " ".join(errors[event.event_id])
        stated += [
            _Stated(subject_id, entry, event.event_id, event.timestamp, event.received_at)
            for entry in read(effects.channels, CHANNELS_AT, pair.brand.channels)[0]
            if f"{entry.at}.subscribed {GRANT_BY_PUBLIC}" not in refused and (may_grant or not entry.subscribed)
        ]
    _append(pair.brand, _not_yet_recorded(subject_id, stated), errors)


def _not_yet_recorded(subject_id: UUID, stated: list[_Stated]) -> list[_Stated]:
    """Without what an earlier link of the same person and device has already settled."""
    if not stated:
        return []
    events = {one.event_id for one in stated}
    done = set(Entry.objects.filter(subject_id=subject_id, event_ref__in=events).values_list("event_ref", "channel"))
    return [one for one in stated if (one.event_id, one.entry.channel) not in done]


def _append(brand: BrandView, stated: list[_Stated], errors: dict[UUID, list[str]]) -> None:
    """Record in the ledger, and write down at each event what is wrong with it."""
    verdicts = ledger.record([one.change() for one in stated], sticky=brand.sticky)
    for one, verdict in zip(stated, verdicts, strict=True):
        if verdict is Verdict.CLAIMED:
            errors[one.event_id].append(f"{one.entry.at}.subscribed {GRANT_AGAINST_WITHDRAWAL}")
    for event_id, wrong in errors.items():
        if wrong:
            Event.objects.filter(event_id=event_id).update(errors=wrong)
