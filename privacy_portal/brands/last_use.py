"""When each token was last used: noted on a request's way, written beside it and rarely.

A note is one entry of a dict. A thread writes it within a second or so, and from then on at most once a minute for each
token. What a killed process had noted and not yet written is lost: it is there to tell a token that nobody sends any
more, not to account for requests.
"""

import logging
import threading
import time
from datetime import UTC, datetime

from django.db import DatabaseError, InterfaceError, connection

from privacy_portal.brands.models.used import UsedToken

logger = logging.getLogger(__name__)
EVERY_S = 60.0
LOOK_S = 1.0
Key = tuple[type[UsedToken], int]


class LastUse:
    """One per process. `every`: seconds between two writes of one token; `look`: how often it looks what is due."""

    def __init__(self, every: float = EVERY_S, look: float = LOOK_S) -> None:
        self._every = every
        self._look = look
        self._noted: dict[Key, float] = {}
        self._tried: dict[Key, float] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, kind: type[UsedToken], pk: int) -> None:
        """This token opened something just now. From any thread; costs no more than setting an entry."""
        self._noted[kind, pk] = time.time()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="last-use", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is noted, due or not, and end."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def write(self, *, due_only: bool = False) -> None:
        """Write what is noted; `due_only`: of that, what was not written within the last minute."""
        now = time.monotonic()
        keys = [key for key in list(self._noted) if not due_only or self._is_due(key, now)]
        self._tried |= dict.fromkeys(keys, now)
        for key in keys:
            at = self._noted.pop(key)
            try:
                # Each by itself: nobody waits for a long transaction, and no two processes for one another.
                key[0].used(key[1], datetime.fromtimestamp(at, UTC))
            except (DatabaseError, InterfaceError) as error:
                self._noted.setdefault(key, at)
                logger.warning("last_use.not_written error=%s", type(error).__name__)
                return  # the others would fail alike; each is tried again when it is due

    def _is_due(self, key: Key, now: float) -> bool:
        return key not in self._tried or now - self._tried[key] >= self._every

    def _run(self) -> None:
        while not self._ended.wait(self._look):
            if self._noted:
                self.write(due_only=True)
                connection.close()  # others may have it until the next time
        self.write()
        connection.close()


last_use = LastUse()
