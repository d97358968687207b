"""`manage.py up`: the whole product in the foreground."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from privacy_portal import tether
from privacy_portal.processes.demo import Credentials, first_start
from privacy_portal.processes.marks import check_marks
from privacy_portal.processes.preflight import CannotStart, alone, check_folder, check_port
from privacy_portal.processes.running import Running
from privacy_portal.subjects import keys

CREDENTIALS = """
The first start made the demo brand acme/acme/ACME. These are shown only now, for only hashes are kept:

  Console            {url}/admin/
  Staff user         {c.username}
  Staff password     {c.password}
  Server auth-token  {c.server_token}
  JS-tag auth-token  {c.js_token}
  API token          {c.api_token}
"""
NOT_A_TERMINAL = """
The first start made the demo brand acme/acme/ACME. Credentials are printed to a terminal only; make them with
  .venv/bin/python manage.py create_staff NAME --role admin --password-stdin
  .venv/bin/python manage.py create_auth_token acme acme ACME --kind server
  .venv/bin/python manage.py create_api_token --role admin
(or set PORTAL_PRINT_CREDENTIALS=1 before the first start).
"""


class Command(BaseCommand):
    help = (
        "Run the whole product in the foreground: web, worker, beat and sweep, each started again when it dies. "
        "Brings the database up to date first; on the first start it makes the demo brand and prints credentials, "
        "once. Ctrl-C stops all of it. Reads PORT, HOST, PORTAL_DATA_DIR, PORTAL_PUBLIC_URL and docs/settings.md."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        if "MAKELEVEL" in os.environ:
            # make does not end its children when it is killed.
            tether.bind(None, end_by=tether.GENTLY)
        os.umask(0o077)  # what it keeps is personal: for this user's eyes alone, in every process below
        running = Running(self._say)
        try:
            check_folder()
            with alone():
                check_port()
                self._prepare()
                code = running.run()
        except CannotStart as reason:
            raise CommandError(str(reason)) from None
        sys.exit(code)

    def _prepare(self) -> None:
        """Bring the database up to date and say what the first start made."""
        try:
            call_command("migrate", interactive=False, verbosity=0)
            keys.verify()
            check_marks()
            self._first_start()
        except (DatabaseError, OSError) as error:
            raise CannotStart(f"The database cannot be used: {str(error).strip().splitlines()[0]}") from None
        finally:
            connections.close_all()

    def _first_start(self) -> None:
        shown = sys.stdout.isatty() or os.environ.get("PORTAL_PRINT_CREDENTIALS") == "1"
        first, credentials = first_start(with_credentials=shown)
        if first:
            self._say(_printed(credentials) if credentials else NOT_A_TERMINAL)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _printed(credentials: Credentials) -> str:
    return CREDENTIALS.format(url=settings.PUBLIC_URL, c=credentials)
