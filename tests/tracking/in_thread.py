"""The writer's process as a thread of the test's, on the test's database: the same frames, and no start to wait for.

tests/processes and tests/faults run the real one.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from privacy_portal.line import LENGTH, framed
from privacy_portal.tracking.store.frames import Results, results_in
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.store.write import written


class InThread:
    async def start(self) -> None:
        self._thread = ThreadPoolExecutor(1)

    async def write(self, group: list[Request]) -> Results:
        frame = framed(group)[LENGTH:]
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, written, frame)
        return results_in(answer[LENGTH:])

    def renew(self) -> None:
        """The thread is the test's, and so is what it remembers."""

    async def stop(self) -> None:
        self._thread.submit(_disconnect)
        self._thread.shutdown()


def _disconnect() -> None:
    """Give back this thread's connection: which one it is, is asked in it."""
    connection.close()
