"""The portal's store, looked into and taken away from outside."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any


class Store:
    def __init__(self, path: Path) -> None:
        self.path = path

    def events_of(self, person: str) -> list[tuple[str, dict[str, Any]]]:
        """(action, what was sent) of each stored event of this userId, in order."""
        rows = self._ask(
            "SELECT action, body FROM tracking_event WHERE body IS NOT NULL AND action <> 'batch' ORDER BY id"
        )
        found = [(action, json.loads(body)) for action, body in rows]
        return [(action, sent) for action, sent in found if sent.get("userId") == person]

    def statuses(self) -> Counter[str]:
        return Counter(status for (status,) in self._ask("SELECT status FROM tracking_event WHERE action <> 'batch'"))

    @contextmanager
    def away(self) -> Iterator[None]:
        """The same store, with the table gone that every call with a messageId needs."""
        self._ask("ALTER TABLE tracking_message RENAME TO gone_message")
        try:
            yield
        finally:
            self._ask("ALTER TABLE gone_message RENAME TO tracking_message")

    def _ask(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.path, timeout=30)) as connection, connection:
            return connection.execute(statement).fetchall()
