from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from privacy_portal.subjects import journal, marks
from privacy_portal.teaching import TeachingCommand
from regulations.replay import replay


class Command(TeachingCommand):
    help = (
        "Close the gates again that were closed since a restored database was backed up, and erase again who was "
        "erased since. Run it after restoring and before starting the portal. The marks that the sweep keeps beside "
        "the database are replayed, and with FILE what export_marks wrote as well. It never opens a gate, and a "
        "second run changes nothing. Workers carry out the erasures once the portal runs."
    )
    examples = "  manage.py replay_marks marks.jsonl\n  gunzip -c marks.jsonl.gz | manage.py replay_marks /dev/stdin"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", type=Path, help="what export_marks wrote")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        try:
            found = [] if file is None else [_read(file)]
            beside = journal.held()
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from None
        except marks.BadMarks as reason:
            raise CommandError(str(reason)) from None
        found += [beside] if beside else []
        if not found:
            raise CommandError("There are no marks beside this database: name a FILE that export_marks wrote.")
        for each in found:
            self._say(each, replay(each))
        journal.begin()

    def _say(self, each: marks.Marks, changed: int) -> None:
        until = each.complete_until.strftime("%Y-%m-%d %H:%M:%S")
        self.stdout.write(f"{len(each.in_force)} marks, {changed} changed something. Complete until {until} UTC.")


def _read(file: Path) -> marks.Marks:
    with file.open("rb") as lines:
        return marks.read(lines)
