"""Regulations that owe somebody something."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from privacy_portal.processes.diagnosis.finding import Finding
from regulations.models import Regulation, StepStatus
from regulations.models.regulation import RETRYABLE, RegulationQuerySet


def overdue() -> Iterator[Finding]:
    for regulation in _owed().filter(due_at__lte=timezone.now()):
        why = f"the legal deadline was {regulation.due_at:%Y-%m-%d %H:%M} UTC and it is {regulation.status}"
        yield Finding(f"{_named(regulation)} is overdue", why, _next(regulation))


def not_fully_done() -> Iterator[Finding]:
    for regulation in _owed().filter(status__in=RETRYABLE, due_at__gt=timezone.now()):
        due = f"due {regulation.due_at:%Y-%m-%d}"
        yield Finding(f"{_named(regulation)} is {regulation.status} ({due})", _trouble(regulation), _next(regulation))


def _owed() -> RegulationQuerySet:
    return Regulation.objects.needing_attention().with_standing().select_related("brand")


def _named(regulation: Regulation) -> str:
    return f"regulation {regulation.pk} ({regulation.type}, {regulation.brand})"


def _trouble(regulation: Regulation) -> str:
    """Step errors hold no personal data: that is a rule of theirs."""
    steps = regulation.steps.filter(status__in=(StepStatus.FAILED, StepStatus.SKIPPED))
    return "; ".join(f"{step.action} at {step.destination} {step.status}: {step.last_error}" for step in steps)


def _next(regulation: Regulation) -> str:
    if regulation.can_retry:
        address = f"{settings.PUBLIC_URL}/api/v1/regulations/{regulation.pk}/retry/"
        return f'correct that, then curl -X POST -H "Authorization: Bearer $API_TOKEN" {address}'
    if not regulation.is_open:
        return "the gate was opened before all was erased: ask for Suppress and Delete, and then retry this one"
    return f"see its steps at {settings.PUBLIC_URL}/admin/regulations/regulation/{regulation.pk}/change/"
