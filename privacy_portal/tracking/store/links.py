"""Links: a call that carries both ids says that this device was used by this person (contract T14).

Recorded for gated calls, too: the mark must outlive an erasure, so that a device linked only later is gated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import barrier
from privacy_portal.tracking.store.row import BrandView, Row

_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Pair:
    brand: BrandView
    anonymous_key: bytes
    subject_key: bytes
    user_id: str
    confirmed: bool


class KnownLinks:
    """Links this process has seen committed. Links are never deleted, so remembering them is safe."""

    def __init__(self) -> None:
        self._seen: dict[tuple[bytes, bytes], bool] = {}

    def is_new(self, pair: Pair) -> bool:
        confirmed = self._seen.get((pair.anonymous_key, pair.subject_key))
        return confirmed is None or (pair.confirmed and not confirmed)

    def remember(self, pairs: Iterable[Pair]) -> None:
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        for pair in pairs:
            place = (pair.anonymous_key, pair.subject_key)
            self._seen[place] = pair.confirmed or self._seen.get(place, False)


def pairs_of(brand: BrandView, rows: Iterable[Row], confirmed: bool) -> Iterable[Pair]:
    for row in rows:
        if row.user_id is None or row.subject_key is None:
            continue
        if row.anonymous_key is not None:
            yield Pair(brand, row.anonymous_key, row.subject_key, row.user_id, confirmed)
        if row.previous_key is not None:
            yield Pair(brand, row.previous_key, row.subject_key, row.user_id, confirmed)


def record(pairs: list[Pair]) -> list[tuple[Pair, UUID]]:
    """Make links and the subjects they need. Returns those that are new or newly confirmed, with their subject's id."""
    arrived: list[tuple[Pair, UUID]] = []
    for _, brand in sorted({pair.brand.pk: pair.brand for pair in pairs}.items()):
        of_brand = {}
        for pair in sorted(
            (p for p in pairs if p.brand.pk == brand.pk), key=lambda p: (p.subject_key, p.anonymous_key, p.confirmed)
        ):
            of_brand[pair.anonymous_key, pair.subject_key] = pair
        ids = Subject.objects.ensure_many(brand.as_brand(), (p.user_id for p in of_brand.values()))
        arrived += _record_for(list(of_brand.values()), ids)
    return arrived


def _record_for(pairs: list[Pair], ids: dict[bytes, UUID]) -> list[tuple[Pair, UUID]]:
    held = _held(pairs, ids)
    fresh, upgraded = [], []
    for pair in pairs:
        confirmed = held.get((pair.anonymous_key, ids[pair.subject_key]))
        if confirmed is None:
            fresh.append(pair)
        elif pair.confirmed and not confirmed:
            upgraded.append(pair)
    Link.objects.bulk_create(
        [
            Link(anonymous_key=pair.anonymous_key, subject_id=ids[pair.subject_key], confirmed=pair.confirmed)
            for pair in fresh
        ],
        ignore_conflicts=True,
    )
    # Asked anew: someone else's unconfirmed link may have come first, and then ours was not inserted.
    held = _held(pairs, ids)
    for pair in pairs:
        if pair.confirmed and not held[pair.anonymous_key, ids[pair.subject_key]]:
            link = Link.objects.filter(anonymous_key=pair.anonymous_key, subject_id=ids[pair.subject_key])
            link.update(confirmed=True)
    return [(pair, ids[pair.subject_key]) for pair in fresh + upgraded]


def _held(pairs: list[Pair], ids: dict[bytes, UUID]) -> dict[tuple[bytes, UUID], bool]:
    """Whether a link is confirmed, by device and person; those that there are."""
    links = Link.objects.filter(
        anonymous_key__in=[pair.anonymous_key for pair in pairs], subject_id__in=ids.values()
    ).values_list("anonymous_key", "subject_id", "confirmed")
    return {(bytes(key), subject_id): confirmed for key, subject_id, confirmed in links}


def erase_for_the_erased(arrived: list[tuple[Pair, UUID]]) -> None:
    """The earlier events of a device go when its link to someone erased is confirmed (contract G10, T14)."""
    erased = set(
        Subject.objects.filter(pk__in=[pk for _, pk in arrived], suppressed=True)
        .exclude(erased_at=None)
        .values_list("pk", flat=True)
    )
    leaving = [pair for pair, subject_id in arrived if pair.confirmed and subject_id in erased]
    if leaving:
        barrier.close_behind_others(pair.brand.pk for pair in leaving)
    for pair in leaving:
        Event.objects.of_device(pair.brand.pk, pair.anonymous_key).delete()
