"""A database in which nobody else may write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tests.portal import Portal


@contextmanager
def held(portal: Portal) -> Iterator[None]:
    with sqlite3.connect(portal.data_dir / "portal.sqlite3", timeout=30, isolation_level=None) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
    connection.close()
