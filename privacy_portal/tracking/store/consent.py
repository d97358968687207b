"""What stored identify calls say about channels, taken to the ledger (contract C3, C4, T15).

Runs in the transaction that stored them. Consent of a device waits for its link: it is read again from the device's
stored events when the link arrives.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
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
from privacy_portal.tracking.store.row import BrandView
from privacy_portal.tracking.store.said import Said, effects_of

# What is told of an event is kept with it, and a refused grant is known by it when a link arrives: never reword these.
CHANNELS_AT = "traits.marketingPreferences.channels"
GRANT_BY_PUBLIC = "must be false with a public auth-token"
MOST_PEOPLE = 20
"""A device of more is no family's, and anyone can make one with a public token: what it said for everyone linked to it
would be work without end, in the transaction that everybody's events wait for."""
BY_A_CROWD = f"must come with a userId: more than {MOST_PEOPLE} people are linked to this anonymousId"
GRANT_BY_SEVERAL = "must come with a userId: more than one person is linked to this anonymousId"

_STATED = (
    "SELECT DISTINCT anonymous_key FROM tracking_event"
    f" WHERE subject_key IS NULL AND anonymous_key IN ({{rows}}) AND action = '{Action.IDENTIFY}'"
)
_NOTE = (
    "WITH v(event_id, errors) AS ({rows}) "
    "UPDATE tracking_event SET errors = v.errors FROM v WHERE tracking_event.event_id = v.event_id"
)


@dataclass(frozen=True, slots=True)
class _Stated:
    """One entry of one event."""

    entry: Named
    event_id: UUID
    occurred_at: datetime
    received_at: datetime

    @property
    def happened_at(self) -> datetime:
        return min(self.occurred_at, self.received_at)

    def change(self, subject_id: UUID) -> Change:
        return Change(
            subject_id,
            self.entry.channel,
            self.entry.subscribed,
            Source.IDENTIFY,
            self.received_at,
            self.occurred_at,
            self.event_id,
            proof=self.entry.proof,
        )


_About = tuple[UUID, _Stated]
"""Of which subject it was stated."""


def take(brand: BrandView, said: Sequence[Said], ids: dict[bytes, UUID]) -> None:
    """Append what these calls say, and note at each event what was not obeyed. `ids`: subjects by key."""
    errors: dict[UUID, list[str]] = {}
    stated: list[_About] = []
    by_devices: dict[bytes | None, list[_Stated]] = {}
    for one in said:
        row, event_id = one.row, UUID(one.row.event_id)
        named, wrong = read(one.effects.channels, CHANNELS_AT, brand.channels)
        errors[event_id] = wrong
        for entry in named:
            if entry.subscribed and one.public:
                wrong.append(f"{entry.at}.subscribed {GRANT_BY_PUBLIC}")
                continue
            statement = _Stated(entry, event_id, row.timestamp, row.received_at)
            if row.subject_key is not None:
                stated.append((ids[row.subject_key], statement))
            else:
                by_devices.setdefault(row.anonymous_key, []).append(statement)
    for device, statements in by_devices.items():
        owners = _owners(device)
        for one_stated in statements:
            if unheard := owners.unheard(one_stated.entry):
                errors[one_stated.event_id].append(f"{one_stated.entry.at}.subscribed {unheard}")
        stated += [(pk, one) for one in _without_repeats(statements) for pk in owners.spoken_for(one.entry)]
    _append(brand, stated, errors)


@dataclass(frozen=True, slots=True)
class _Owners:
    """Whose a device is; of a crowd only those count whom a server call confirmed, unless these are one themselves."""

    people: list[UUID]
    confirmed: list[UUID]
    are_a_crowd: bool = False

    def spoken_for(self, entry: Named) -> list[UUID]:
        """A device speaks for all its people when it withdraws, and when it grants only for the one person it is
        confirmed to belong to."""
        if not entry.subscribed:
            return self.people
        return self.confirmed if len(self.confirmed) == 1 else []

    def unheard(self, entry: Named) -> str | None:
        """Why it speaks for nobody, or not for all, and no link that arrives can change that."""
        if self.are_a_crowd:
            return BY_A_CROWD
        return GRANT_BY_SEVERAL if entry.subscribed and len(self.confirmed) > 1 else None


def _owners(device: bytes | None) -> _Owners:
    """Reads no more links than can count: there may be any number."""
    links = Link.objects.filter(anonymous_key=device)
    some = list(links.values_list("subject_id", "confirmed")[: MOST_PEOPLE + 1])
    if len(some) <= MOST_PEOPLE:
        return _Owners([pk for pk, _ in some], [pk for pk, confirmed in some if confirmed])
    confirmed = list(links.filter(confirmed=True).values_list("subject_id", flat=True)[: MOST_PEOPLE + 1])
    people = confirmed if len(confirmed) <= MOST_PEOPLE else []
    return _Owners(people, people, are_a_crowd=True)


def _without_repeats(stated: Iterable[_Stated]) -> list[_Stated]:
    """Of a channel's withdrawals in a row the first and the one that happened last: those between change nothing, and
    one device can send thousands, each of which would be weighed for all its people."""
    of_channels: dict[str, list[_Stated]] = {}
    for one in stated:
        before = of_channels.setdefault(one.entry.channel, [])
        if one.entry.subscribed or len(before) < 2 or any(earlier.entry.subscribed for earlier in before[-2:]):
            before.append(one)
        elif one.happened_at >= before[-1].happened_at:
            before[-1] = one
    return [one for of_channel in of_channels.values() for one in of_channel]


def settle_waiting(arrived: list[tuple[Pair, UUID]]) -> None:
    """What a device stated before it was known whose it is, applied when its link arrives (contract C4)."""
    stating = _that_stated([pair.anonymous_key for pair, _ in arrived])
    by_devices: dict[bytes, list[tuple[Pair, UUID]]] = {}
    for pair, subject_id in arrived:
        if pair.anonymous_key in stating:
            by_devices.setdefault(pair.anonymous_key, []).append((pair, subject_id))
    for device, arrived_there in by_devices.items():
        _settle(device, arrived_there)


def _that_stated(devices: list[bytes]) -> set[bytes]:
    """Those of the devices that sent an identify of nobody known; most that are linked are new, and sent nothing."""
    return {bytes(key) for (key,) in many.fetch(_STATED, "bytea", [(device,) for device in devices])}


def _settle(device: bytes, arrived: list[tuple[Pair, UUID]]) -> None:
    owners = _owners(device)
    arrived = [(pair, subject_id) for pair, subject_id in arrived if subject_id in owners.people]
    if not arrived:
        return
    brand = arrived[0][0].brand
    errors: dict[UUID, list[str]] = {}
    earlier = _without_repeats(_earlier(brand, device, errors))
    stated: list[_About] = []
    for pair, subject_id in arrived:
        may_grant = pair.confirmed and owners.confirmed == [subject_id]
        theirs = [one for one in earlier if may_grant or not one.entry.subscribed]
        stated += [(subject_id, one) for one in _not_yet_recorded(subject_id, theirs)]
    _append(brand, stated, {one.event_id: errors[one.event_id] for _, one in stated})


def _earlier(brand: BrandView, device: bytes, errors: dict[UUID, list[str]]) -> Iterator[_Stated]:
    """What the device stated by itself. Notes in `errors` what each of those events was told already."""
    events = Event.objects.of_device(brand.pk, device).filter(action=Action.IDENTIFY)
    for event in events.order_by("id").iterator(chunk_size=200):
        effects = effects_of(event.call().get("traits"), public=False)
        if effects is None or effects.channels is None or event.timestamp is None:
            continue
        errors[event.event_id] = event.errors or []
        refused = " ".join(errors[event.event_id])
        for entry in read(effects.channels, CHANNELS_AT, brand.channels)[0]:
            if f"{entry.at}.subscribed {GRANT_BY_PUBLIC}" not in refused:
                yield _Stated(entry, event.event_id, event.timestamp, event.received_at)


def _not_yet_recorded(subject_id: UUID, stated: list[_Stated]) -> list[_Stated]:
    """Without what an earlier link of the same person and device has already settled."""
    if not stated:
        return []
    events = {one.event_id for one in stated}
    done = set(Entry.objects.filter(subject_id=subject_id, event_ref__in=events).values_list("event_ref", "channel"))
    return [one for one in stated if (one.event_id, one.entry.channel) not in done]


def _append(brand: BrandView, stated: list[_About], errors: dict[UUID, list[str]]) -> None:
    """Record in the ledger, and write down at each event what is wrong with it."""
    verdicts = ledger.record([one.change(subject_id) for subject_id, one in stated], sticky=brand.sticky)
    for (_, one), verdict in zip(stated, verdicts, strict=True):
        if verdict is Verdict.CLAIMED:
            errors[one.event_id].append(f"{one.entry.at}.subscribed {GRANT_AGAINST_WITHDRAWAL}")
    noted = [(event_id, json.dumps(wrong)) for event_id, wrong in sorted(errors.items()) if wrong]
    if noted:
        many.execute(_NOTE, "uuid jsonb", noted)
