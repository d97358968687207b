from typing import Any

from django.core.management.base import CommandError, CommandParser

from privacy_portal.processes.diagnosis import examine
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Say what is stuck, why, and the next command to type. It changes nothing, shows ids and never people, and "
        "works beside a running portal as well as without one. Exit code 0: nothing needs a human; 1: something does. "
        "What is being tried again by itself is told, and needs nobody yet. Of many findings of one kind it tells "
        "the first five."
    )
    examples = "  manage.py doctor\n  manage.py doctor || notify-whoever-is-on-call"
    # A wrong subject key is a finding, too.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="tell each finding, however many there are")

    def handle(self, *args: Any, **options: Any) -> None:
        needing = passing = 0
        for finding in examine(briefly=not options["all"]):
            if finding.passes:
                passing += finding.number
            else:
                needing += finding.number
            self.stdout.write(f"{'Passing' if finding.passes else 'STUCK'}: {finding.what}")
            self.stdout.write(f"    why:  {finding.why}\n    next: {finding.next}")
        if needing:
            words = "1 finding needs" if needing == 1 else f"{needing} findings need"
            raise CommandError(f"{words} a human.", returncode=1)
        self.stdout.write("All is well." if not passing else "Nothing needs a human yet.")
