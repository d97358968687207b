"""Reading a person's calls in the order they were stored, with flat memory however many and however large they are."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models.functions import Length

from privacy_portal.tracking.models import Event
from privacy_portal.tracking.models.event import EventQuerySet
from regulations.exports.person import Person

PAGE = 500
PORTION_BYTES = 1024 * 1024


class StoredCall(NamedTuple):
    """`body` is the JSON text as it was received."""

    id: int
    event_id: UUID
    action: str
    timestamp: datetime
    received_at: datetime
    body: bytes


@dataclass(frozen=True)
class Calls:
    """`renew` keeps the worker's lease: it is called before each portion, of at most 500 calls or 1 MiB."""

    person: Person
    renew: Callable[[], None]

    def __iter__(self) -> Iterator[StoredCall]:
        keys = (_keys(source.filter(id__lte=self.person.last_id)) for source in self.person.sources())
        return self.read(heapq.merge(*keys))

    def read(self, keys: Iterable[tuple[int, int]]) -> Iterator[StoredCall]:
        """The calls of (id, size of its text) pairs, in order of id within each portion."""
        for ids in _portions(keys):
            self.renew()
            yield from _fetch(ids)


def _keys(source: EventQuerySet) -> Iterator[tuple[int, int]]:
    """(id, bytes of text) of each event."""
    for page in source.pages(PAGE, Length("body")):
        yield from ((key, size or 0) for key, size in page)


def _portions(keys: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    ids: list[int] = []
    held = 0
    for key, size in keys:
        if ids and (len(ids) == PAGE or held + size > PORTION_BYTES):
            yield ids
            ids, held = [], 0
        ids.append(key)
        held += size
    if ids:
        yield ids


def _fetch(ids: list[int]) -> list[StoredCall]:
    rows = Event.objects.filter(pk__in=ids).order_by("id")
    columns = rows.values_list("id", "event_id", "action", "timestamp", "received_at", "body")
    return [
        StoredCall(key, event_id, action, timestamp, received_at, bytes(body))
        for key, event_id, action, timestamp, received_at, body in columns
        if timestamp is not None and body is not None
    ]
