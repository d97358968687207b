from typing import Any

from django.core.management.base import CommandParser

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.management.reading import brands_at, short_name
from privacy_portal.brands.models import ApiToken, Role
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Make a token for the REST API and print its secret, alone and once: only a hash is kept. Without --brand it "
        "serves every brand, those made later too. support looks people up, requests what closes a gate and Access, "
        "records what a person said, and makes preference links; dpo does everything for its brands, exports too; "
        "auditor reads; admin does all."
    )
    examples = (
        "  manage.py create_api_token --role support --brand acme/acme/ACME --name 'help desk'\n"
        "  manage.py create_api_token --role dpo --brand acme/acme/ACME --brand acme/outlet/OUTLET_DE\n"
        "  API_TOKEN=$(manage.py create_api_token --role admin)\n"
        "Revoke one in the console, under API tokens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, choices=Role.values, help="what it may do")
        parser.add_argument("--brand", action="append", default=[], metavar="CLIENT/ACCOUNT/BRAND",
                            help="where it may do it; give it several times for several")  # fmt: skip
        parser.add_argument("--name", type=short_name, default="", help="what it is called in lists")

    def handle(self, *args: Any, **options: Any) -> None:
        brands = brands_at(options["brand"])
        _, secret = ApiToken.objects.issue(options["role"], brands, actor=COMMAND, name=options["name"])
        self.stdout.write(secret)
