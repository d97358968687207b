"""Writing a group of requests: one transaction, so that it costs one sync of the disk."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from privacy_portal.outage import is_outage
from privacy_portal.tracking.models import Action, Event, EventStatus, Forwarding
from privacy_portal.tracking.store import barrier, consent, effects, gate, links, messages
from privacy_portal.tracking.store.frames import Results
from privacy_portal.tracking.store.links import KnownLinks
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.store.said import said_by

logger = logging.getLogger(__name__)
_known = KnownLinks()


def written(requests: list[Request]) -> Results:
    """The same as `write_group`; a fault of ours must not end the process that everyone waits for."""
    try:
        return write_group(requests)
    except Exception as error:
        logger.error("writer.fault error=%s", type(error).__name__, exc_info=error)
        return [None] * len(requests)


def write_group(requests: list[Request]) -> Results:
    """Store requests durably. Returns for each its eventId (the first one's, for a repeated messageId), or None when
    the store did not take it: nothing of it is stored.

    A group that fails on its data is tried again request by request, so that one cannot fail the others.
    """
    try:
        return list(_write_again_if_worth_it(requests))
    except Exception as error:
        kind = type(error).__name__
        if is_outage(error):
            logger.error("store.unavailable error=%s", kind, exc_info=error)
            connection.close()
            return [None] * len(requests)
        logger.error("store.group_failed error=%s requests=%d", kind, len(requests), exc_info=error)
        if len(requests) == 1:
            return [None]
        return [result for request in requests for result in write_group([request])]


def _write_again_if_worth_it(requests: list[Request]) -> list[str]:
    """On PostgreSQL a lost connection (the server was restarted) or a deadlock is worth a second try, and only one:
    had the first been stored after all, its event ids are taken and the second stores nothing. So is what may have
    failed because an older database was put in place, where what was remembered is not there any more."""
    try:
        return _write(requests)
    except IntegrityError:
        if not _known.forget():
            raise
        return _write(requests)
    except (OperationalError, InterfaceError):
        if connection.vendor != "postgresql":
            raise
        connection.close()
        return _write(requests)


def _write(requests: list[Request]) -> list[str]:
    pairs = [
        pair
        for request in requests
        for pair in links.pairs_of(request.brand, request.rows, confirmed=not request.public)
        if _known.is_new(pair)
    ]
    spoken = {row.event_id: one for request in requests for row in request.rows if (one := said_by(request, row))}
    with _at_once() if not pairs and all(map(_is_plain, requests)) else transaction.atomic():
        stated = (one.brand.pk for one in spoken.values() if one.is_of_a_device)
        barrier.order_consent(stated, (pair.brand.pk for pair in pairs))
        barrier.enter(request.brand.pk for request in requests)
        stating = consent.stating(pair.anonymous_key for pair in pairs)
        barrier.one_at_a_time(stating)
        answers, fresh = _without_repeats(requests)
        arrived = links.record(pairs, _known) if pairs else []
        _insert(fresh, answers)
        said = [
            spoken[row.event_id]
            for request in fresh
            for row in request.rows
            if row.event_id in spoken and answers[row.event_id] == row.event_id
        ]
        if arrived:
            links.erase_for_the_erased(arrived)
            consent.settle_waiting(arrived, stating, said)
        if said:
            effects.follow(said)
    _known.remember(pairs, arrived)
    return [answers[request.event_id] for request in requests]


def _is_plain(request: Request) -> bool:
    """Whether its rows are all there is to write, and nothing must be asked before."""
    if request.batch_id is not None or request.brand.forwards:
        return False
    return all(row.message_key is None and row.action != Action.IDENTIFY for row in request.rows)


@contextmanager
def _at_once() -> Iterator[None]:
    """A transaction of statements that bring no answer. PostgreSQL is sent all of them together and makes them one by
    itself: one way there and back, where BEGIN, barrier, INSERT and COMMIT each took one."""
    if connection.vendor != "postgresql":
        with transaction.atomic():
            yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _without_repeats(requests: list[Request]) -> tuple[dict[str, str], list[Request]]:
    """For each event id the one that is answered, and the requests that are no repeats of a whole batch.

    Batches first: the calls of a repeated one are not stored, so they must not claim their own messageIds.
    """
    now = max(request.received_at for request in requests)
    answers = {event_id: event_id for r in requests for event_id in (r.event_id, *(row.event_id for row in r.rows))}
    _claim([(r.message_key, r.event_id) for r in requests if r.batch_id and r.message_key], answers, now)
    fresh = [
        request for request in requests if request.batch_id is None or answers[request.event_id] == request.event_id
    ]
    _claim([(row.message_key, row.event_id) for r in fresh for row in r.rows if row.message_key], answers, now)
    return answers, fresh


def _claim(holders: list[tuple[bytes, str]], answers: dict[str, str], now: datetime) -> None:
    """Write into `answers` the event id that each message key stands for."""
    wanted: dict[bytes, str] = {}
    for key, event_id in holders:
        wanted.setdefault(key, event_id)
    found = messages.first_seen(wanted, now)
    answers.update((event_id, found[key]) for key, event_id in holders)


def _by_what_follows(requests: list[Request]) -> Iterator[tuple[str, list[Request]]]:
    """Those whose calls are kept, and those whose calls are forwarded, too."""
    forwarded = [request for request in requests if request.brand.forwards]
    if not forwarded:
        yield gate.OPEN, requests
        return
    Forwarding.objects.expect({request.brand.pk for request in forwarded})
    yield gate.OPEN_AND_FORWARDED, forwarded
    if len(forwarded) < len(requests):
        yield gate.OPEN, [request for request in requests if not request.brand.forwards]


def _insert(requests: list[Request], answers: dict[str, str]) -> None:
    for open_as, some in _by_what_follows(requests):
        gate.insert(((row, r.public) for r in some for row in r.rows if answers[row.event_id] == row.event_id), open_as)
    Event.objects.bulk_create(
        [
            Event(
                event_id=request.batch_id,
                brand_id=request.brand.pk,
                action=Action.BATCH,
                status=EventStatus.STORED,
                received_at=request.received_at,
                timestamp=request.received_at,
                body=b"".join(UUID(answers[row.event_id]).bytes for row in request.rows),
            )
            for request in requests
            if request.batch_id is not None
        ]
    )
