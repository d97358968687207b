from typing import Any

from django.core.management.base import CommandParser

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.management.reading import brand_at
from privacy_portal.teaching import TeachingCommand
from privacy_portal.tracking.models import Event, Forwarding


class Command(TeachingCommand):
    help = (
        "Send the events of a brand that its upstream refused once more, after what was wrong has been put right. Each "
        "asks the gate again. Prints how many there are; it may be run again at any time."
    )
    examples = "  manage.py forward_again acme/acme/ACME"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="CLIENT/ACCOUNT/BRAND")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = brand_at(options["path"])
        moved = Forwarding.objects.send_again(Event.objects.filter(brand=brand), COMMAND)
        self.stdout.write(f"{moved:,} events of {brand} wait to be forwarded again.")
