from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from privacy_portal.brands.management.teaching import TeachingCommand
from privacy_portal.subjects import marks
from regulations.replay import replay


class Command(TeachingCommand):
    help = (
        "Close the gates again that were closed since a restored database was backed up, and erase again who was "
        "erased since. Run it after restoring and before starting the portal, with the newest file of export_marks. "
        "It never opens a gate, and a second run changes nothing. Workers carry out the erasures once the portal runs."
    )
    examples = "  manage.py replay_marks marks.jsonl\n  gunzip -c marks.jsonl.gz | manage.py replay_marks -"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="what export_marks wrote")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with (Path("/dev/stdin") if str(file) == "-" else file).open(encoding="utf-8") as lines:
                found = marks.read(lines)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {type(error).__name__}.") from None
        except marks.BadMarks as reason:
            raise CommandError(str(reason)) from None
        changed = replay(found)
        until = found.complete_until.strftime("%Y-%m-%d %H:%M:%S")
        self.stdout.write(f"{len(found.marks)} marks, {changed} changed something. Complete until {until} UTC.")
