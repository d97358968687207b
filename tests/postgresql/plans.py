"""How PostgreSQL carries out the statements about events that the code in between sends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

Node = dict[str, Any]


@contextmanager
def looked_at(count: Callable[[Node], int], meant: Callable[[str], bool] = bool) -> Iterator[list[int]]:
    """What `count` makes of the plan of each statement that is `meant`: each is carried out under EXPLAIN first, and
    undone."""
    seen: list[int] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"tracking_event"' in sql and meant(sql):
            with transaction.atomic():
                execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params, many, context)
                seen.append(count(context["cursor"].fetchone()[0][0]["Plan"]))
                transaction.set_rollback(True)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield seen
