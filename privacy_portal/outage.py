"""Which errors say that the database is away, or takes no writes for now: nobody's fault, and worth asking again."""

from django.db import InterfaceError, OperationalError

READ_ONLY = "25006"
"""PostgreSQL's SQLSTATE read_only_sql_transaction. By its number, since on SQLite nothing else needs psycopg."""


def is_outage(error: BaseException | None) -> bool:
    """PostgreSQL counts a standby that is asked to write among its internal errors."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return error is not None and getattr(error.__cause__, "sqlstate", None) == READ_ONLY
