"""The writer's process as a thread of the test's, on the test's database: the same line, and no start to wait for.

tests/processes and tests/faults run the real one.
"""

import asyncio
import socket
from asyncio.subprocess import Process
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from privacy_portal.child import Line
from privacy_portal.line import framed
from privacy_portal.tracking.store.frames import Results, results_in
from privacy_portal.tracking.store.process import serve
from privacy_portal.tracking.store.row import Request

NO_PROCESS = cast(Process, None)


class InThread:
    async def start(self, hear: Callable[[Results], None], lose: Callable[[], None]) -> None:
        ours, theirs = socket.socketpair()
        self._thread = ThreadPoolExecutor(1)
        self._serving = self._thread.submit(_serve, theirs)
        _, self._line = await asyncio.get_running_loop().create_connection(
            lambda: Line(NO_PROCESS, lambda frame: hear(results_in(frame)), lose), sock=ours
        )

    def write(self, requests: list[Request]) -> bool:
        return self._line.say(framed(requests))

    def renew(self) -> None:
        """The thread is the test's, and so is what it remembers."""

    async def stop(self) -> None:
        self._line.close()
        await asyncio.wrap_future(self._serving)
        self._thread.shutdown()


def _serve(line: socket.socket) -> None:
    with line:
        serve(line)
