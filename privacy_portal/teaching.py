"""The ground of the commands that operators type: help that teaches, and one sentence for whatever goes wrong."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError


class _Formatter(DjangoHelpFormatter):
    """Keeps the lines of examples as they are written, and breaks those of prose."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class TeachingCommand(BaseCommand):
    """`help` says what it does and when to use it; `examples` is shown below the arguments, as typed."""

    examples: ClassVar[str]
    # Django's own switches, of no use to an operator, would bury the few that are.
    suppressed_base_arguments = {
        *("--version", "--settings", "--pythonpath", "--traceback"),
        *("--no-color", "--force-color", "--verbosity", "--skip-checks"),
    }

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=_Formatter, epilog=f"examples:\n{self.examples}", **kwargs
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (DataError, IntegrityError):  # the database is well, the fault is ours
            raise
        except (DatabaseError, InterfaceError) as error:
            # Its text may quote a value or an address with a password in it.
            name = type(error).__name__
            raise CommandError(
                f"The database cannot be used ({name}): start the portal, or run manage.py migrate."
            ) from None
