from contextlib import suppress
from typing import Any

from django.core.management.base import CommandError
from django.db import ProgrammingError

from privacy_portal.audit.models import Entry, first_broken, seal
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Check the audit chain from its first entry to its last. Prints the count and exits 0, or names the first "
        "entry that was altered, deleted, inserted or reordered and exits 1. Changes no sealed entry."
    )
    examples = "  manage.py verify_audit\n  manage.py verify_audit || notify-whoever-is-on-call"

    def handle(self, *args: Any, **options: Any) -> None:
        self._seal()
        count, broken = first_broken()
        if broken:
            raise CommandError(f"The audit chain is broken after {count} good entries: {broken}.", returncode=1)
        waiting = Entry.objects.unsealed().count()
        more = f" {waiting} more wait for the sweep to chain them." if waiting else ""
        self.stdout.write(f"{count} entries, every one in its place.{more}")

    def _seal(self) -> None:
        """Also where no sweep runs. In the role of web processes PostgreSQL refuses it: there the sweep alone may."""
        with suppress(ProgrammingError):
            while seal():
                continue
