"""Regulations asked for and carried out as in life."""

from privacy_portal.audit.models import Actor
from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from regulations.models import Regulation
from regulations.request import Intake, request_regulation

DPO = Actor("staff", "1")


def ask(brand: Brand, type_value: str, user_id: str, **intake: object) -> Regulation:
    """Request a regulation; nothing has been carried out yet."""
    return request_regulation(brand, type_value, user_id, DPO, Intake(**intake))  # type: ignore[arg-type]


def carry_out(regulation: Regulation) -> Regulation:
    """Do what the workers would do until nothing is due, and read the row again."""
    work_until_idle()
    regulation.refresh_from_db()
    return regulation
