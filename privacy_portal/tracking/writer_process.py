"""The line to the writer's process, which writes what the door has taken: one for each web process."""

from collections.abc import Callable
from typing import Protocol

from privacy_portal.child import Child
from privacy_portal.line import framed
from privacy_portal.tracking.store.frames import Results, results_in
from privacy_portal.tracking.store.row import Request


class Store(Protocol):
    """Where the writer's requests go."""

    async def start(self, hear: Callable[[Results], None], lose: Callable[[], None]) -> None:
        """`hear` is called with what became of the next ones of those that it was given, in their order, and `lose`
        when nothing more will be heard of any of them."""

    def write(self, requests: list[Request]) -> bool:
        """Begin to. False when there is nobody to do it at this moment."""

    def renew(self) -> None:
        """Remember nothing of the database: another one stands in its place."""

    async def stop(self) -> None:
        """End it. Called when nothing is being written."""


class WriterProcess:
    async def start(self, hear: Callable[[Results], None], lose: Callable[[], None]) -> None:
        module = "privacy_portal.tracking.store.process"
        self._child = Child("writer", module, lambda frame: hear(results_in(frame)), lose)
        await self._child.start()

    def write(self, requests: list[Request]) -> bool:
        return self._child.say(framed(requests))

    def renew(self) -> None:
        """What a process remembers goes with it."""
        self._child.renew()

    async def stop(self) -> None:
        await self._child.stop()
