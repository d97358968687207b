"""The line to the writer's process, which writes what the door has taken: one for each web process."""

import asyncio
from typing import Protocol

from privacy_portal.child import Child
from privacy_portal.line import framed
from privacy_portal.tracking.store.frames import Results, results_in
from privacy_portal.tracking.store.row import Request


class Store(Protocol):
    """Where the writer's groups go, one after another."""

    async def start(self) -> None: ...

    async def write(self, group: list[Request]) -> Results:
        """What became of each request. Called again only when it has returned."""

    def renew(self) -> None:
        """Remember nothing of the database: another one stands in its place."""

    async def stop(self) -> None:
        """End it. Called when nothing is being written."""


class WriterProcess:
    def __init__(self) -> None:
        self._child = Child("writer", "privacy_portal.tracking.store.process", self._hear, self._lose)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Results | None] = self._loop.create_future()
        await self._child.start()

    def renew(self) -> None:
        """What a process remembers goes with it."""
        self._child.renew()

    async def stop(self) -> None:
        await self._child.stop()

    async def write(self, group: list[Request]) -> Results:
        """None of them is known to be stored when the process ends meanwhile."""
        self._answer = self._loop.create_future()
        if not self._child.say(framed(group)):
            self._lose()
        return await self._answer or [None] * len(group)

    def _hear(self, frame: memoryview) -> None:
        self._answer.set_result(results_in(frame))

    def _lose(self) -> None:
        if not self._answer.done():
            self._answer.set_result(None)
