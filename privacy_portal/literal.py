"""A condition that SQLite finds a partial index by. It proves the index's condition from the statement's words alone,
and what `status__in` holds are parameters: without this it read every event, regulation and update there ever was."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup
from django.db.models.sql.compiler import SQLCompiler


class OneOf(Lookup):
    """`filter(OneOf("status", STATUSES))`: `status__in` with the words written into the statement, so they must be
    constants of the code. ValueError for anything but letters, digits and underscores."""

    prepare_rhs = False

    def __init__(self, column: str | F, words: Iterable[str]) -> None:
        super().__init__(F(column) if isinstance(column, str) else column, tuple(map(str, words)))
        if not all(word.isidentifier() and word.isascii() for word in self.rhs):
            raise ValueError("OneOf takes constants only")

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        words = ", ".join(f"'{word}'" for word in self.rhs)
        return f"{column} IN ({words})", tuple(parameters)
