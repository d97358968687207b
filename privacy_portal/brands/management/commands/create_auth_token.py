from typing import Any

from django.core.management.base import CommandError, CommandParser

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.management.reading import brand_at, short_name, whole_number
from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.teaching import TeachingCommand

KINDS = (TokenKind.SERVER.value, TokenKind.JS_TAG.value, TokenKind.MOBILE.value)
MOST = 1_000_000


class Command(TeachingCommand):
    help = (
        "Make an auth-token for the tracking API and print its secret, alone and once: only a hash is kept. Without "
        "BRAND it opens every brand of the account. A server token may do everything; js_tag and mobile tokens are "
        "public (anyone can read them out of a page or an app), so they can withdraw consent and never grant it."
    )
    examples = (
        "  manage.py create_auth_token acme acme ACME --kind server\n"
        "  manage.py create_auth_token acme acme --kind server --rate 500 --burst 2000 --name 'order system'\n"
        "  TOKEN=$(manage.py create_auth_token acme acme ACME --kind js_tag)\n"
        "Revoke one in the console, under Auth-tokens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client", metavar="CLIENT")
        parser.add_argument("account", metavar="ACCOUNT")
        parser.add_argument("brand", metavar="BRAND", nargs="?", help="without it: every brand of the account")
        parser.add_argument("--kind", required=True, choices=KINDS, help="who will hold it")
        parser.add_argument("--rate", type=whole_number(MOST), default=100, metavar="N",
                            help="requests per second it may make for long (100)")  # fmt: skip
        parser.add_argument("--burst", type=whole_number(MOST), default=500, metavar="N",
                            help="requests it may make at once after a pause (500)")  # fmt: skip
        parser.add_argument("--name", type=short_name, default="", help="what it is called in lists")

    def handle(self, *args: Any, **options: Any) -> None:
        client, account = options["client"], options["account"]
        brand = brand_at(f"{client}/{account}/{options['brand']}") if options["brand"] is not None else None
        if not Brand.objects.filter(client=client, account=account).exists():
            raise CommandError(f"There is no brand of account {client}/{account}: create_brand makes one.")
        _, secret = AuthToken.objects.issue(
            options["kind"], client, account, brand,
            actor=COMMAND, name=options["name"], rate=options["rate"], burst=options["burst"],
        )  # fmt: skip
        self.stdout.write(secret)
