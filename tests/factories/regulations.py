"""Regulations asked for and carried out as in life."""

from django.db import transaction
from django.utils import timezone

from privacy_portal.audit.models import Actor
from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from regulations.models import Regulation
from regulations.request import Intake, request_regulation

DPO = Actor("staff", "1")


def ask(brand: Brand, type_value: str, user_id: str, **intake: object) -> Regulation:
    """Request a regulation; nothing has been carried out yet."""
    return request_regulation(brand, type_value, user_id, DPO, Intake(**intake))  # type: ignore[arg-type]


def begin(regulation: Regulation) -> bool:
    """Let this one begin, if it may, and read the row again."""
    with transaction.atomic():
        begun = Regulation.objects.filter(pk=regulation.pk).begin(1, timezone.now())
    regulation.refresh_from_db()
    return bool(begun)


def carry_out(regulation: Regulation) -> Regulation:
    """Do what the workers would do until nothing is due, and read the row again."""
    work_until_idle()
    regulation.refresh_from_db()
    return regulation
