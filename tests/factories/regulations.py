"""Regulations asked for and carried out as in life."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from privacy_portal.audit.models import Actor
from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from regulations.models import Regulation, RegulationStatus
from regulations.request import Intake, request_regulation
from tests.factories.brands import make_brand
from tests.upstream.server import Upstream, json_answer

DPO = Actor("staff", "1")


def ask(brand: Brand, type_value: str, user_id: str, **intake: object) -> Regulation:
    """Request a regulation; nothing has been carried out yet."""
    return request_regulation(brand, type_value, user_id, DPO, Intake(**intake))  # type: ignore[arg-type]


REPLACED = [
    ("suppress_and_delete", "suppress_and_delete", "erased"), ("no_track", "suppress_and_delete", "erased"),
    ("suppress", "unsuppress", "superseded"), ("suppress_and_delete", "unsuppress", "superseded"),
]  # fmt: skip
"""(what the upstream refused to be told, what was carried out later, why it is not told any more)"""


def replaced(upstream: Upstream, first: str, second: str) -> Regulation:
    """One that is past its deadline and partly done, with which nothing can be done any more."""
    brand = make_brand(upstream_url=upstream.url, upstream_token="theirs")
    upstream.answers = [json_answer(400, {"message": "no"})]
    regulation = carry_out(ask(brand, first, "u1", received_at=timezone.now() - timedelta(days=90)))
    assert carry_out(ask(brand, second, "u1")).status == RegulationStatus.FINISHED
    regulation.refresh_from_db()
    assert regulation.status == RegulationStatus.PARTIAL
    return regulation


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
