"""What stored identify calls say about channels, taken to the ledger (contract C3, C4, T15).

Runs in the transaction that stored them. Consent of a device waits for its link: it is read again from the device's
stored events when the link arrives.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from privacy_portal.consent import ledger
from privacy_portal.consent.decision import GRANT_AGAINST_WITHDRAWAL, Verdict
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Source
from privacy_portal.consent.traits import TOO_MANY, Named, most_entries, read
from privacy_portal.subjects.models import Link
from privacy_portal.tracking.models import Action, Event
from privacy_portal.tracking.store import many
from privacy_portal.tracking.store.links import Pair
from privacy_portal.tracking.store.row import BrandView
from privacy_portal.tracking.store.said import Said, effects_of

# What is told of an event is kept with it, and what was refused is known by it when a link arrives: never reword these.
CHANNELS_AT = "traits.marketingPreferences.channels"
GRANT_BY_PUBLIC = "must be false with a public auth-token"
AND_MORE = "and more"
MOST_TOLD = 2_000
"""Characters of what is told of one event."""
MOST_PEOPLE = 20
"""A device of more is no family's, and anyone can make one with a public token: what it said for everyone linked to it
would be work without end, in the transaction that everybody's events wait for."""
BY_A_CROWD = f"must come with a userId: more than {MOST_PEOPLE} people are linked to this anonymousId"
GRANT_BY_SEVERAL = "must come with a userId: more than one person is linked to this anonymousId"

_STATED = (
    "SELECT DISTINCT anonymous_key FROM tracking_event"
    f" WHERE subject_key IS NULL AND anonymous_key IN ({{rows}}) AND action = '{Action.IDENTIFY}'"
)
_PEOPLE = (
    "WITH v(anonymous_key) AS ({rows}) SELECT v.anonymous_key, (SELECT count(*) FROM (SELECT 1 FROM subjects_link l"
    f" WHERE l.anonymous_key = v.anonymous_key LIMIT {MOST_PEOPLE + 1}) AS there) FROM v"
)
_RECORDED = (
    "WITH v(at, subject_id, event_ref, channel) AS ({rows}) SELECT v.at FROM v WHERE EXISTS (SELECT 1"
    " FROM consent_entry e WHERE e.subject_id = v.subject_id AND e.event_ref = v.event_ref AND e.channel = v.channel)"
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
    by_devices: dict[bytes, list[_Stated]] = {}
    for one in said:
        row, event_id = one.row, UUID(one.row.event_id)
        named, wrong = read(one.effects.channels, CHANNELS_AT, brand.channels, most_entries(brand.channels))
        errors[event_id] = wrong
        for entry in named:
            if entry.subscribed and one.public:
                wrong.append(f"{entry.at}.subscribed {GRANT_BY_PUBLIC}")
                continue
            statement = _Stated(entry, event_id, row.timestamp, row.received_at)
            if row.subject_key is not None:
                stated.append((ids[row.subject_key], statement))
            elif row.anonymous_key is not None:
                by_devices.setdefault(row.anonymous_key, []).append(statement)
    for device, owners in _owners_of(by_devices).items():
        for one_stated in by_devices[device]:
            if unheard := owners.unheard(one_stated.entry):
                errors[one_stated.event_id].append(f"{one_stated.entry.at}.subscribed {unheard}")
        heard = _Heard(by_devices[device])
        stated += [(pk, one) for one in heard for pk in owners.spoken_for(one.entry)]
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


def _owners_of(devices: Collection[bytes]) -> dict[bytes, _Owners]:
    """Reads no more links than can count: a device may have any number."""
    found = {bytes(device): people for device, people in many.fetch(_PEOPLE, "bytea", [(key,) for key in devices])}
    linked: dict[bytes, list[tuple[UUID, bool]]] = {device: [] for device in devices}
    small = [device for device, people in found.items() if 0 < people <= MOST_PEOPLE]
    links = Link.objects.filter(anonymous_key__in=small).order_by("id")
    for device, pk, confirmed in links.values_list("anonymous_key", "subject_id", "confirmed"):
        linked[bytes(device)].append((pk, confirmed))
    return {
        device: _of_a_crowd(device)
        if found[device] > MOST_PEOPLE
        else _Owners([pk for pk, _ in some], [pk for pk, confirmed in some if confirmed])
        for device, some in linked.items()
    }


def _of_a_crowd(device: bytes) -> _Owners:
    links = Link.objects.filter(anonymous_key=device, confirmed=True)
    confirmed = list(links.values_list("subject_id", flat=True)[: MOST_PEOPLE + 1])
    people = confirmed if len(confirmed) <= MOST_PEOPLE else []
    return _Owners(people, people, are_a_crowd=True)


class _Heard:
    """What one device stated. Of a channel's withdrawals in a row the first and the one that happened last: those
    between change nothing, and one device can send thousands, each of which would be weighed for all its people."""

    def __init__(self, stated: Iterable[_Stated] = ()) -> None:
        self._of_channels: dict[str, list[_Stated]] = {}
        for one in stated:
            self.add(one)

    def __iter__(self) -> Iterator[_Stated]:
        return chain.from_iterable(self._of_channels.values())

    def add(self, one: _Stated) -> None:
        before = self._of_channels.setdefault(one.entry.channel, [])
        if one.entry.subscribed or len(before) < 2 or any(earlier.entry.subscribed for earlier in before[-2:]):
            before.append(one)
        elif one.happened_at >= before[-1].happened_at:
            before[-1] = one


def settle_waiting(arrived: list[tuple[Pair, UUID]], stating: Collection[bytes], said: Iterable[Said]) -> None:
    """What a device stated before it was known whose it is, applied when its link arrives (contract C4). `stating`: the
    devices that did. `said`: what is stored together with the link, and which `take` hears."""
    arrived = [(pair, subject_id) for pair, subject_id in arrived if pair.anonymous_key in stating]
    just_stored = {UUID(one.row.event_id) for one in said}
    for _, brand in sorted({pair.brand.pk: pair.brand for pair, _ in arrived}.items()):
        _settle(brand, [(pair, subject_id) for pair, subject_id in arrived if pair.brand.pk == brand.pk], just_stored)


def stating(devices: Iterable[bytes]) -> set[bytes]:
    """Those of the devices that sent an identify of nobody known; most that are linked are new, and sent nothing."""
    return {bytes(key) for (key,) in many.fetch(_STATED, "bytea", [(device,) for device in devices])}


def _settle(brand: BrandView, arrived: list[tuple[Pair, UUID]], just_stored: Collection[UUID]) -> None:
    owners = _owners_of({pair.anonymous_key for pair, _ in arrived})
    arrived = [(pair, subject_id) for pair, subject_id in arrived if subject_id in owners[pair.anonymous_key].people]
    errors: dict[UUID, list[str]] = {}
    earlier = _earlier(brand, {pair.anonymous_key for pair, _ in arrived}, just_stored, errors)
    stated: list[_About] = []
    for pair, subject_id in arrived:
        may_grant = pair.confirmed and owners[pair.anonymous_key].confirmed == [subject_id]
        heard = (one for one in earlier[pair.anonymous_key] if may_grant or not one.entry.subscribed)
        stated += [(subject_id, one) for one in heard]
    stated = _not_yet_recorded(stated)
    _append(brand, stated, {one.event_id: errors[one.event_id] for _, one in stated})


def _earlier(
    brand: BrandView, devices: Collection[bytes], just_stored: Collection[UUID], errors: dict[UUID, list[str]]
) -> dict[bytes, _Heard]:
    """What each of the devices stated by itself before what was `just_stored`, but for what was refused then. Notes in
    `errors` what each of those events was told already."""
    heard = {device: _Heard() for device in devices}
    events = Event.objects.of_devices(brand.pk, devices).filter(action=Action.IDENTIFY)
    for event in events.order_by("id").iterator(chunk_size=200):
        effects = effects_of(event.call().get("traits"), public=False)
        if event.event_id in just_stored or effects is None or effects.channels is None or event.timestamp is None:
            continue
        told = errors[event.event_id] = event.errors or []
        if any(error.startswith(f"{CHANNELS_AT} {TOO_MANY}") for error in told):
            continue
        for entry in read(effects.channels, CHANNELS_AT, brand.channels)[0]:
            if not _was_refused(entry, told):
                stated = _Stated(entry, event.event_id, event.timestamp, event.received_at)
                heard[bytes(event.anonymous_key or b"")].add(stated)
    return heard


def _was_refused(entry: Named, told: list[str]) -> bool:
    """Whether it had no effect when it came, for a reason that no link changes: the token, or a channel that the brand
    has only by now. Where not everything that was wrong is told, a grant may be of these."""
    by_public, unknown = f"{entry.at}.subscribed {GRANT_BY_PUBLIC}", f"{entry.at}.channel "
    if any(error == by_public or error.startswith(unknown) for error in told):
        return True
    return entry.subscribed and AND_MORE in told


def _not_yet_recorded(stated: list[_About]) -> list[_About]:
    """Without what an earlier link of the same person and device has already settled."""
    places = [(at, pk, one.event_id, one.entry.channel) for at, (pk, one) in enumerate(stated)]
    done = {at for (at,) in many.fetch(_RECORDED, "int4 uuid uuid text", places)}
    return [about for at, about in enumerate(stated) if at not in done]


def _append(brand: BrandView, stated: list[_About], errors: dict[UUID, list[str]]) -> None:
    """Record in the ledger, and write down at each event what is wrong with it."""
    verdicts = ledger.record([one.change(subject_id) for subject_id, one in stated], sticky=brand.sticky)
    for (_, one), verdict in zip(stated, verdicts, strict=True):
        if verdict is Verdict.CLAIMED:
            errors[one.event_id].append(f"{one.entry.at}.subscribed {GRANT_AGAINST_WITHDRAWAL}")
    noted = [(event_id, json.dumps(_told(wrong))) for event_id, wrong in sorted(errors.items()) if wrong]
    many.execute(_NOTE, "uuid jsonb", noted)


def _told(errors: list[str]) -> list[str]:
    """What is kept of it with an event: it may be long out of all proportion to the text that it is about."""
    told: list[str] = []
    for error in errors:
        if error == AND_MORE or (told and len(error) + sum(map(len, told)) > MOST_TOLD):
            return [*told, AND_MORE]
        told.append(error)
    return told
