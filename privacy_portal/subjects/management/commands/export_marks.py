from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from privacy_portal.subjects import marks
from privacy_portal.subjects.journal import write_whole
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Write the suppression marks: who must not be collected or sent to, and who was erased, as keyed hashes that "
        "name nobody. Keep the newest file apart from the database's backups, and replay it with replay_marks whenever "
        "an older database was restored. FILE appears whole or not at all; without one the marks are printed."
    )
    examples = "  manage.py export_marks marks.jsonl\n  manage.py export_marks | gzip > marks.jsonl.gz"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", type=Path, help="where to write them")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        if file is None:
            marks.export(self.stdout.write)
            return
        try:
            count = write_whole(file, marks.export)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{count} marks.")
