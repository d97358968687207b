"""Writing a group of requests: one transaction, so that it costs one sync of the disk."""

import logging
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from privacy_portal.tracking.models import Action, Event, EventStatus
from privacy_portal.tracking.store import barrier, effects, gate, links, messages
from privacy_portal.tracking.store.effects import Said
from privacy_portal.tracking.store.links import KnownLinks, Pair
from privacy_portal.tracking.store.row import Request

logger = logging.getLogger(__name__)
_known = KnownLinks()


class StoreUnavailable(Exception):
    """The store did not take it, and nothing of it is stored."""


def write_group(requests: list[Request]) -> list[UUID | StoreUnavailable]:
    """Store requests durably. Returns for each its eventId (the first one's, for a repeated messageId) or the fault.

    A group that fails on its data is tried again request by request, so that one cannot fail the others.
    """
    try:
        return list(_write(requests))
    except (OperationalError, InterfaceError) as error:
        logger.error("store.unavailable error=%s", type(error).__name__)
        connection.close()
        return [StoreUnavailable() for _ in requests]
    except DatabaseError as error:
        logger.error("store.group_failed error=%s requests=%d", type(error).__name__, len(requests))
        if len(requests) == 1:
            return [StoreUnavailable()]
        return [result for request in requests for result in write_group([request])]


def _write(requests: list[Request]) -> list[UUID]:
    pairs = [
        pair
        for request in requests
        for pair in links.pairs_of(request.brand, request.rows, confirmed=not request.public)
        if _known.is_new(pair)
    ]
    with transaction.atomic():
        barrier.enter(request.brand.pk for request in requests)
        answers, fresh = _without_repeats(requests)
        arrived = links.record(pairs) if pairs else []
        _insert(fresh, answers)
        if arrived:
            _follow_links(arrived)
        said = [
            Said(request.brand, request.public, row, row.effects)
            for request in fresh
            for row in request.rows
            if row.effects is not None and answers[row.event_id] == row.event_id
        ]
        if said:
            effects.follow(said)
    _known.remember(pairs)
    return [answers[request.event_id] for request in requests]


def _follow_links(arrived: list[tuple[Pair, UUID]]) -> None:
    links.erase_for_the_erased(arrived)
    effects.settle_waiting(arrived)


def _without_repeats(requests: list[Request]) -> tuple[dict[UUID, UUID], list[Request]]:
    """For each event id the one that is answered, and the requests of which anything is new."""
    wanted: dict[bytes, UUID] = {}
    holders: list[tuple[bytes, UUID]] = []
    for request in requests:
        for key, event_id in _message_keys(request):
            wanted.setdefault(key, event_id)
            holders.append((key, event_id))
    found = messages.first_seen(wanted, max(request.received_at for request in requests)) if wanted else {}
    answers = {event_id: found[key] for key, event_id in holders}
    fresh = []
    for request in requests:
        for event_id in (request.event_id, *(row.event_id for row in request.rows)):
            answers.setdefault(event_id, event_id)
        if answers[request.event_id] == request.event_id or request.batch_id is None:
            fresh.append(request)
    return answers, fresh


def _message_keys(request: Request) -> list[tuple[bytes, UUID]]:
    own = [(request.message_key, request.event_id)] if request.message_key and request.batch_id else []
    return own + [(row.message_key, row.event_id) for row in request.rows if row.message_key]


def _insert(requests: list[Request], answers: dict[UUID, UUID]) -> None:
    gate.insert(row for request in requests for row in request.rows if answers[row.event_id] == row.event_id)
    Event.objects.bulk_create(
        [
            Event(
                event_id=request.batch_id,
                brand_id=request.brand.pk,
                action=Action.BATCH,
                status=EventStatus.STORED,
                received_at=request.received_at,
                timestamp=request.received_at,
                body=b"".join(answers[row.event_id].bytes for row in request.rows),
            )
            for request in requests
            if request.batch_id is not None
        ]
    )
