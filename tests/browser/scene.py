"""What a portal of a few weeks holds: people, consent, and requests in every state. Run inside a portal's own shell:
`manage.py shell` with `from tests.browser.scene import make; make()`."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from privacy_portal.audit.models import COMMAND, Actor
from privacy_portal.brands.models import Brand, StaffRole
from regulations.models import Regulation
from regulations.request import Intake, request_regulation
from tests.factories.events import identify, track

NOWHERE = "http://127.0.0.1:9/identify"  # the discard port: nobody answers


def make() -> None:
    """Three brands: one whose upstream works, one whose upstream is away, one whose upstream refuses."""
    acme = _brand("ACME", timezone="Europe/Berlin", contact="privacy@acme.example")
    outlet = _brand("OUTLET", timezone="Europe/Berlin", upstream_url=NOWHERE)
    refusing = f"{settings.PUBLIC_URL}/track/acme/acme/NOWHERE/v1/identify"
    club = _brand("CLUB", timezone="America/New_York", deadline_rule="ccpa", upstream_url=refusing, upstream_token="x")
    for name in ("maria", "jonas", "aiko", "sam", "lena"):
        _lives(acme, f"{name}@example.com")
    _ask(acme, "access", "maria@example.com", days=3, ticket_ref="HELP-4021")
    _ask(acme, "suppress_and_delete", "jonas@example.com", days=6, reason="Closed their account")
    _ask(acme, "suppress", "aiko@example.com", days=1)
    _ask(acme, "no_track", "sam@example.com", days=0)
    _ask(acme, "access", "unknown@example.com", days=12)
    _ask(outlet, "suppress", "rita@example.com", days=35, reason="By letter", ticket_ref="HELP-3877")
    _ask(outlet, "no_track", "tom@example.com", days=27)
    _ask(outlet, "suppress_and_delete", "eva@example.com", days=9)
    _ask(club, "suppress_and_delete", "paul@example.com", days=20, reason="Asked at the till")
    _ask(club, "no_track", "nina@example.com", days=2)


def _brand(code: str, **values: str) -> Brand:
    brand, _ = Brand.objects.ensure("acme", "acme", code, actor=COMMAND)
    brand.configure(values, COMMAND)
    return brand


def _lives(brand: Brand, user_id: str) -> None:
    traits = {"firstName": user_id.partition("@")[0].capitalize(), "email": user_id}
    identify(brand, user_id, traits=traits, channels={"email": True, "sms": False}, anonymousId=f"device of {user_id}")
    for event in ("Product Viewed", "Product Added", "Order Completed"):
        track(brand, user_id, event, properties={"sku": "A-17", "price": 19.9})


def _ask(brand: Brand, kind: str, user_id: str, days: int, **intake: str) -> Regulation:
    received = timezone.now() - timedelta(days=days, hours=2)
    return request_regulation(brand, kind, user_id, _dpo(), Intake(received, **intake))


def _dpo() -> Actor:
    role = StaffRole.objects.order_by("pk").first()
    return role.actor if role else COMMAND


def settled() -> bool:
    """Whether what can end has ended: only the brand whose upstream is away still has open requests."""
    return not Regulation.objects.open().exclude(brand__code="OUTLET").exists()
