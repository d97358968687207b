"""The database backend of the embedded default: `ENGINE = "privacy_portal.sqlite"`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from privacy_portal.sqlite.kept import kept
from privacy_portal.sqlite.turn import Turn

PATIENCE_S = 10.0
PRAGMAS = (
    f"busy_timeout = {int(PATIENCE_S * 1000)}",
    "journal_mode = WAL",
    "synchronous = FULL",  # an answered event survives a loss of power
    "secure_delete = ON",  # an erased row leaves no readable bytes in its page
    "temp_store = MEMORY",  # nor in a spilled sort
    "mmap_size = 1073741824",
    # The log is written back for each 16 MiB, not 4: pages of an index that every commit touches go back once for many.
    "wal_autocheckpoint = 4096",
)


_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Cursor(base.SQLiteCursorWrapper):
    """A single statement that writes waits for its turn, as a transaction does: left to SQLite's busy handler, it came
    to nothing while others had their turns one after another."""

    def __init__(self, portal: "DatabaseWrapper", connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._portal = portal

    def execute(self, query: str, params: Any = None) -> Any:
        if self._portal.in_atomic_block or not query.startswith(_WRITES):
            return super().execute(query, params)
        with self._portal.turn():
            return super().execute(query, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """Whatever writes waits for its turn: each `atomic()`, which is a write transaction, before it begins, and each
    single statement outside of one."""

    _turn: Turn | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        self._take_turn()
        try:
            yield
        finally:
            self._give_turn_back()

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=partial(Cursor, self))

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        self.transaction_mode = "IMMEDIATE"
        params.setdefault("timeout", PATIENCE_S)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        if idle := kept.take(conn_params["database"]):
            return idle
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._give_turn_back()
            raise

    def _commit(self) -> None:
        # A failed commit leaves the transaction open: Django rolls back, and that gives the turn back.
        super()._commit()
        self._give_turn_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._give_turn_back()

    def _close(self) -> None:
        try:
            if not self._keeps():
                super()._close()
        finally:
            if self._turn:
                self._turn.close()
                self._turn = None

    def _keeps(self) -> bool:
        """One that met an error is closed for good."""
        if self.errors_occurred or self.is_in_memory_db():
            return False
        return kept.give(str(self.settings_dict["NAME"]), self.connection)

    def _take_turn(self) -> None:
        if self.is_in_memory_db():
            return
        if self._turn is None:
            self._turn = Turn(Path(self.settings_dict["NAME"]), PATIENCE_S)
        if not self._turn.take():
            raise OperationalError("database is locked: another process is writing to it for too long")

    def _give_turn_back(self) -> None:
        if self._turn:
            self._turn.give_back()
