"""What goes upstream in one request: the events that wait first, as far as the gate lets them, as the ledger has it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Length

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Preference
from privacy_portal.subjects.models import Link
from privacy_portal.tracking.models import Action, Event
from privacy_portal.tracking.store import gate
from privacy_portal.upstream.outgoing import people_in, text_of

MOST_CALLS = 1_000
MOST_BYTES = 1_000_000
MOST_CALL_BYTES = 32_000
"""The upstream's limits, "1mb per batch request and 32KB per call", in their smaller readings."""
ADDED = 200  # more than what is added to a call's text
_BATCH = b'{"batch":[%s]}'

Withdrawn = dict[bytes, set[str]]


@dataclass(frozen=True)
class Parcel:
    """`text` goes to the door for `action`. `ids`: its events. `people`: whom an answer may name; None in a batch."""

    ids: list[int]
    action: str
    text: bytes
    people: list[str] | None


def pack(brand: Brand, most: int = MOST_CALLS) -> Parcel | None:
    """The next parcel of at most so many calls. None when nothing waits that may go.

    The gate is asked in the statement before the one that reads; from there it goes to the wire without waiting for
    anything.
    """
    while ids := _first(brand, most):
        with transaction.atomic():
            gate.ask_again(ids)
            events = list(Event.objects.waiting().filter(pk__in=ids).order_by("id"))
            withdrawn = _withdrawn(events)
        if events:
            return _packed(events, withdrawn)
    return None


def _first(brand: Brand, most: int) -> list[int]:
    """Ids of those that wait first and fit into one request; at least one, however large it is."""
    waiting = Event.objects.waiting().filter(brand=brand)
    ids: list[int] = []
    free = MOST_BYTES
    for pk, size in next(waiting.pages(min(most, MOST_CALLS), Length("body")), []):
        free -= (size or 0) + ADDED
        if ids and free < 0:
            break
        ids.append(pk)
    return ids


def _packed(events: list[Event], withdrawn: Withdrawn) -> Parcel:
    """One batch; a call that is too large for any goes alone, to the door for what it is."""
    texts: list[bytes] = []
    free = MOST_BYTES
    for event in events:
        text = text_of(event, withdrawn.get(_whose(event), ()))
        if len(text) > MOST_CALL_BYTES:
            if texts:
                break
            return Parcel([event.pk], event.action, text, people_in(event))
        free -= len(text) + 1
        if texts and free < len(_BATCH):
            break
        texts.append(text)
    sent = events[: len(texts)]
    people = people_in(sent[0]) if len(sent) == 1 else None
    return Parcel([event.pk for event in sent], Action.BATCH, _BATCH % b",".join(texts), people)


def _whose(event: Event) -> bytes:
    """A call with a userId belongs to that userId alone, one without to its device (contract T14)."""
    return bytes(event.subject_key or event.anonymous_key or b"")


def _withdrawn(events: Collection[Event]) -> Withdrawn:
    """The channels that the ledger holds as withdrawn, by the key of whose events these are: of a device those of each
    person that is linked to it."""
    people = {_whose(event) for event in events if event.subject_key is not None}
    devices = {_whose(event) for event in events} - people
    found: Withdrawn = defaultdict(set)
    if people:
        held = Preference.objects.filter(subject__key__in=people, subscribed=False)
        for key, channel in held.values_list("subject__key", "channel"):
            found[bytes(key)].add(channel)
    if devices:
        linked = Link.objects.filter(anonymous_key__in=devices, subject__preferences__subscribed=False)
        for key, channel in linked.values_list("anonymous_key", "subject__preferences__channel"):
            found[bytes(key)].add(channel)
    return found
