"""regulations.json: every request about the person under this brand, this one too, with what came of it."""

from collections.abc import Callable, Iterator
from typing import Any

from regulations.exports.documents import document, moment
from regulations.exports.pages import pages
from regulations.exports.person import Person
from regulations.models import Regulation, Step


def requests(person: Person, renew: Callable[[], None]) -> Iterator[bytes]:
    regulations = Regulation.objects.filter(subject=person.subject).prefetch_related("steps__identify_update")
    told = (_regulation(regulation, person.is_nameless) for regulation in pages(regulations, renew))
    yield from document(regulations=told)


def _regulation(regulation: Regulation, is_nameless: bool) -> dict[str, Any]:
    """Who of the staff entered it is not the person's data, so only in which way it came is said."""
    said = not is_nameless
    return {
        "id": str(regulation.pk),
        "type": regulation.type,
        "label": regulation.kind.label,
        "status": regulation.status,
        "reason": regulation.reason if said else "",
        "ticketRef": regulation.ticket_ref if said else "",
        "intake": regulation.intake if said else "",
        "language": regulation.language if said else "",
        "requestedBy": regulation.requested_by_kind,
        "receivedAt": moment(regulation.received_at),
        "createdAt": moment(regulation.created_at),
        "dueAt": moment(regulation.due_at),
        "finishedAt": moment(regulation.finished_at),
        "steps": [_step(step) for step in regulation.steps.all()],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "destination": step.destination,
        "action": step.action,
        "status": step.told_status,
        "result": step.result or None,
        "counts": step.counts,
        "startedAt": moment(step.started_at),
        "finishedAt": moment(step.finished_at),
        "eventId": step.event_id,
    }
