from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Make a brand, the scope of people, events, consent, regulations and settings. CLIENT and ACCOUNT are written "
        "in lower case, BRAND in upper case, as they stand in the address of the tracking API. A brand that is there "
        "already stays as it is."
    )
    examples = (
        "  manage.py create_brand acme acme ACME\n"
        "  manage.py create_brand acme outlet OUTLET_DE\n"
        "then configure_brand sets it up, and create_auth_token opens its door."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client", metavar="CLIENT", help="who the account belongs to, in lower case")
        parser.add_argument("account", metavar="ACCOUNT", help="often the same as CLIENT, in lower case")
        parser.add_argument("brand", metavar="BRAND", help="in upper case")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            brand, made = Brand.objects.ensure(options["client"], options["account"], options["brand"], actor=COMMAND)
        except ValidationError as refusal:
            raise CommandError(refusal.messages[0] + ".") from None
        self.stdout.write(f"Made brand {brand}." if made else f"Brand {brand} was there already.")
