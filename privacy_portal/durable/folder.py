"""The embedded broker: kombu's folder of messages, each of which appears whole or not at all.

kombu writes a message under its final name, so a worker may take a half-written one and die of it (kombu #1551).
"""

from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps

TURN_S = 0.2


class Channel(filesystem.Channel):
    def _put(self, *queue_and_message: Any, **_: Any) -> None:
        queue, message = queue_and_message  # kombu's own classes disagree on the second one's name
        path = Path(self.data_folder_out) / f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
        draft = path.with_suffix(".draft")
        draft.write_text(dumps(message), encoding="utf-8")
        draft.rename(path)


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> Any:
        """In short turns: a worker sees only between two of them that it is to stop, and asks for two seconds each."""
        return super().drain_events(connection, None if timeout is None else min(timeout, TURN_S))
