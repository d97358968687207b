"""Which errors say that the database is away, or takes no writes for now: nobody's fault, and worth asking again."""

from django.db import InterfaceError, OperationalError
from psycopg.errors import ReadOnlySqlTransaction


def is_outage(error: BaseException | None) -> bool:
    """PostgreSQL counts a standby that is asked to write among its internal errors."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return error is not None and isinstance(error.__cause__, ReadOnlySqlTransaction)
