"""Making a regulation: the one door behind console, API and whoever else asks (contract G1)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands.models import Brand
from privacy_portal.durable import bell
from privacy_portal.ids import new_id
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from regulations.deadlines import due_at
from regulations.destinations import able_to
from regulations.models import Regulation, Step
from regulations.types import TYPES, RegulationType

LONGEST_REASON = 4000
FIRST_YEAR = 1970
"""Whoever writes an earlier one has mistyped it, and in the first years of all time zones overflow."""


@dataclass(frozen=True)
class Intake:
    """How the request reached the controller. `received_at`: when the clock started, never in the future, and not
    before FIRST_YEAR."""

    received_at: datetime | None = None
    reason: str = ""
    ticket_ref: str = ""
    intake: str = ""
    language: str = ""


def request_regulation(brand: Brand, type_value: str, user_id: str, actor: Actor, intake: Intake) -> Regulation:
    """Make it, with its immediate effect, in one transaction. Conflict carries the contract's code.

    Once this has returned, no event received later passes a gate that it closed (contract T13).
    """
    with transaction.atomic():
        subject, made = Subject.objects.select_for_update().ensure(brand, user_id)
        subject.brand = brand
        if subject.user_id is None:
            subject.know_again(user_id)
        return request_for(subject, type_value, actor, intake, is_new=made)


def request_for(subject: Subject, type_value: str, actor: Actor, intake: Intake, *, is_new: bool = False) -> Regulation:
    """The same about someone known by their key, whose row the caller's transaction holds, or has made just now; they
    may have no userId any more. A Conflict has changed nothing."""
    kind, now, brand = TYPES[type_value], timezone.now(), subject.brand
    theirs = [] if is_new else list(Regulation.objects.open().filter(subject=subject))
    open_ones = {regulation.type: regulation for regulation in theirs}
    displaced = _check(kind, subject, open_ones)
    last = None if is_new else Regulation.objects.last_about(subject)
    regulation = Regulation.objects.create(
        id=new_id(after=last), brand=brand, subject=subject, type=kind.value,
        unknown_subject=is_new and not Event.objects.filter(subject_key=subject.key).exists(),
        created_at=now, closed_gate=kind.at_once(subject, now),
        received_at=intake.received_at or now, due_at=_due(brand, intake.received_at or now),
        reason=intake.reason, ticket_ref=intake.ticket_ref, intake=intake.intake, language=intake.language,
        requested_by_kind=actor.kind, requested_by_id=actor.id,
    )  # fmt: skip
    if displaced:
        displaced.give_way(to=regulation)
    regulation.planned = Step.objects.bulk_create(steps_of(regulation))
    record("regulation.requested", actor, brand=brand.pk, subject=subject.pk, of=regulation, type=kind.value)
    bell.ring()
    return regulation


def _check(kind: RegulationType, subject: Subject, open_ones: dict[str, Regulation]) -> Regulation | None:
    """First match: erasure_open, already_open, then the states. Returns the open opening one that gives way: asked for
    after one that closes, it would undo that, so the same is then asked again with good reason."""
    if kind.barred_by_erasure and any(other.kind.erases for other in open_ones.values()):
        raise Conflict("erasure_open", "An erasure of this person is open; it ends first.")
    displaced, same = open_ones.get(kind.displaces), open_ones.get(kind.value)
    if same and not displaced:
        raise Conflict("already_open", f"Regulation {same.pk} of this type is open for this person.", open=str(same.pk))
    kind.check(subject, displaced is not None)
    return displaced


def _due(brand: Brand, received_at: datetime) -> datetime:
    return due_at(received_at, brand.setting("deadline_rule"), brand.setting("timezone"))


def steps_of(regulation: Regulation) -> list[Step]:
    """What is left to do when it runs. Nobody can be told about someone who has no userId any more."""
    is_named = regulation.subject.user_id is not None
    return [
        Step(regulation=regulation, destination=destination.name, action=action, due_at=None)
        for action in regulation.kind.actions
        if is_named or action != "notify"
        for destination in able_to(action, regulation.brand)
    ]
