from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.management.reading import brands_at, line_from_stdin
from privacy_portal.brands.models import Role, StaffRole
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Make a member of staff who may sign in to the console at /admin/, or set the password, role and brands of "
        "the one there is (a lost password is replaced this way). Without --brand they serve every brand. The "
        "password is one line of standard input; without a pipe it is asked for and not shown."
    )
    examples = (
        "  manage.py create_staff maria --role dpo --brand acme/acme/ACME --password-stdin\n"
        "  manage.py create_staff admin --role admin --password-stdin < password.txt"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--role", required=True, choices=Role.values, help="what they may do")
        parser.add_argument("--brand", action="append", default=[], metavar="CLIENT/ACCOUNT/BRAND",
                            help="where they may do it; give it several times for several")  # fmt: skip
        parser.add_argument("--password-stdin", action="store_true", required=True,
                            help="read the password from standard input: a command line is seen by others")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        brands = brands_at(options["brand"])
        password = line_from_stdin("password")
        user = User(username=User.normalize_username(options["username"]))  # as who signs in with it writes it
        try:
            User._meta.get_field("username").clean(user.username, user)
            validate_password(password, user)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        _, made = StaffRole.objects.ensure(user.username, password, options["role"], brands, actor=COMMAND)
        self.stdout.write(f"{'Made' if made else 'Changed'} {user.username}, {options['role']}.")
