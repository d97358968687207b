"""Links: a call that carries both ids says that this device was used by this person (contract T14).

Recorded for gated calls, too: the mark must outlive an erasure, so that a device linked only later is gated.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from privacy_portal.audit.models import SYSTEM
from privacy_portal.audit.models import record as record_act
from privacy_portal.subjects.marks import DEVICE_ERASED
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import barrier, many
from privacy_portal.tracking.store.row import BrandView, Row

_REMEMBERED = 100_000
MOST_BY_PUBLIC = 100
"""People of a device up to whom public tokens link more to it. Its every event asks for all of them at the gate, and a
link is never deleted: anyone could make one device as slow as they like, for good."""
# Returns those that are new or newly confirmed. Waits for who is making the same one, and then confirms theirs. Of a
# public token none that comes to a full device.
_UPSERT = (
    "WITH v(anonymous_key, subject_id, confirmed, created_at) AS ({rows}) "
    "INSERT INTO subjects_link (anonymous_key, subject_id, confirmed, created_at) "
    "SELECT anonymous_key, subject_id, confirmed, created_at FROM v WHERE confirmed OR NOT EXISTS (SELECT 1"
    f" FROM subjects_link l WHERE l.anonymous_key = v.anonymous_key LIMIT 1 OFFSET {MOST_BY_PUBLIC - 1}) "
    "ON CONFLICT (anonymous_key, subject_id) DO UPDATE SET confirmed = excluded.confirmed "
    "WHERE excluded.confirmed AND NOT subjects_link.confirmed RETURNING anonymous_key, subject_id"
)
# For each pair whether it is linked, and how many people its device has.
_PLACES = (
    "WITH v(anonymous_key, subject_id) AS ({rows}) "
    "SELECT v.anonymous_key, v.subject_id, EXISTS (SELECT 1 FROM subjects_link l"
    " WHERE l.anonymous_key = v.anonymous_key AND l.subject_id = v.subject_id),"
    " (SELECT count(*) FROM (SELECT 1 FROM subjects_link l WHERE l.anonymous_key = v.anonymous_key"
    f" LIMIT {MOST_BY_PUBLIC}) AS there) FROM v"
)
_ERASED = "SELECT id FROM subjects_subject WHERE id IN ({rows}) AND suppressed AND erased_at IS NOT NULL"


@dataclass(slots=True)  # not frozen, for the same reason as rows
class Pair:
    brand: BrandView
    anonymous_key: bytes
    subject_key: bytes
    user_id: str
    confirmed: bool


class KnownLinks:
    """Links and subjects this process has seen committed, and links that found no room. None is ever deleted, so
    remembering them is safe until an older database is put in place, and then a write fails (`forget`)."""

    def __init__(self) -> None:
        self._seen: dict[tuple[bytes, bytes], bool] = {}
        self._subjects: dict[bytes, UUID] = {}

    def is_new(self, pair: Pair) -> bool:
        confirmed = self._seen.get((pair.anonymous_key, pair.subject_key))
        return confirmed is None or (pair.confirmed and not confirmed)

    def subjects_of(self, brand: BrandView, pairs: Collection[Pair]) -> dict[bytes, UUID]:
        """Ids by key. Makes those that are missing."""
        ids = {pair.subject_key: pk for pair in pairs if (pk := self._subjects.get(pair.subject_key))}
        if missing := {pair.user_id for pair in pairs if pair.subject_key not in ids}:
            ids |= Subject.objects.ensure_many(brand.as_brand(), missing)
        return ids

    def remember(self, pairs: Iterable[Pair], arrived: Iterable[tuple[Pair, UUID]]) -> None:
        if len(self._seen) > _REMEMBERED:
            self.forget()
        for pair in pairs:
            place = (pair.anonymous_key, pair.subject_key)
            self._seen[place] = pair.confirmed or self._seen.get(place, False)
        self._subjects.update((pair.subject_key, pk) for pair, pk in arrived)

    def forget(self) -> bool:
        """Whether there was anything to forget."""
        remembered = bool(self._seen)
        self._seen.clear()
        self._subjects.clear()
        return remembered


def pairs_of(brand: BrandView, rows: Iterable[Row], confirmed: bool) -> Iterable[Pair]:
    for row in rows:
        if row.user_id is None or row.subject_key is None:
            continue
        if row.anonymous_key is not None:
            yield Pair(brand, row.anonymous_key, row.subject_key, row.user_id, confirmed)
        if row.previous_key is not None:
            yield Pair(brand, row.previous_key, row.subject_key, row.user_id, confirmed)


def record(pairs: list[Pair], known: KnownLinks) -> list[tuple[Pair, UUID]]:
    """Make links and the subjects they need. Returns those that are new or newly confirmed, with their subject's id."""
    arrived: list[tuple[Pair, UUID]] = []
    for _, brand in sorted({pair.brand.pk: pair.brand for pair in pairs}.items()):
        of_brand = {}
        for pair in sorted(
            (p for p in pairs if p.brand.pk == brand.pk), key=lambda p: (p.subject_key, p.anonymous_key, p.confirmed)
        ):
            of_brand[pair.anonymous_key, pair.subject_key] = pair
        ids = known.subjects_of(brand, of_brand.values())
        arrived += _record_for(list(of_brand.values()), ids)
    return arrived


def _record_for(pairs: list[Pair], ids: dict[bytes, UUID]) -> list[tuple[Pair, UUID]]:
    now = timezone.now()
    rows = [(p.anonymous_key, ids[p.subject_key], p.confirmed, now) for p in _with_room(pairs, ids)]
    if not rows:
        return []
    changed = {(bytes(key), _id(pk)) for key, pk in many.fetch(_UPSERT, "bytea uuid boolean timestamptz", rows)}
    return [(p, ids[p.subject_key]) for p in pairs if (p.anonymous_key, ids[p.subject_key]) in changed]


def _with_room(pairs: list[Pair], ids: dict[bytes, UUID]) -> list[Pair]:
    """Without what together would overfill a device: the statement that makes links sees none of its own. Asks only
    where a device has several new people of public tokens at once, which is rare."""
    people = Counter(pair.anonymous_key for pair in pairs if not pair.confirmed)
    asked = [(p.anonymous_key, ids[p.subject_key]) for p in pairs if not p.confirmed and people[p.anonymous_key] > 1]
    if not asked:
        return pairs
    linked: dict[tuple[bytes, UUID], bool] = {}
    room: dict[bytes, int] = {}
    for key, pk, is_linked, there in many.fetch(_PLACES, "bytea uuid", asked):
        linked[bytes(key), _id(pk)], room[bytes(key)] = bool(is_linked), MOST_BY_PUBLIC - there
    fitting = []
    for pair in pairs:
        place = (pair.anonymous_key, ids[pair.subject_key])
        if place in linked:
            if linked[place] or room[pair.anonymous_key] < 1:
                continue
            room[pair.anonymous_key] -= 1
        fitting.append(pair)
    return fitting


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def erase_for_the_erased(arrived: list[tuple[Pair, UUID]]) -> None:
    """The earlier events of a device go when its link to someone erased is confirmed (contract G10, T14)."""
    erased = {_id(pk) for (pk,) in many.fetch(_ERASED, "uuid", [(pk,) for _, pk in arrived])}
    leaving = [(pair, subject_id) for pair, subject_id in arrived if pair.confirmed and subject_id in erased]
    if leaving:
        barrier.close_behind_others(pair.brand.pk for pair, _ in leaving)
    for pair, subject_id in leaving:
        Event.objects.of_device(pair.brand.pk, pair.anonymous_key).delete()
        record_act(DEVICE_ERASED, SYSTEM, brand=pair.brand.pk, subject=subject_id)
