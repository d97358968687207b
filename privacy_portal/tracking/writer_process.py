"""The line to the writer's process, which writes what the door has taken: one for each web process."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from privacy_portal.child import Child
from privacy_portal.line import framed
from privacy_portal.tracking.store.frames import Results, results_in
from privacy_portal.tracking.store.row import Request

PATIENCE_S = 3.0
LOOKS_AGAIN_S = 0.1
NOTHING = framed([])


class Store(Protocol):
    """Where the writer's requests go."""

    async def start(self, hear: Callable[[Results], None], lose: Callable[[], None]) -> None:
        """`hear` is called with what became of the next ones of those that it was given, in their order, and `lose`
        when nothing more will be heard of any of them."""

    def write(self, requests: list[Request]) -> bool:
        """Begin to. False when there is nobody to do it at this moment."""

    def renew(self) -> None:
        """Remember nothing of the database: another one stands in its place."""

    async def state(self) -> str:
        """`ok` when it answers, else why not."""

    async def stop(self) -> None:
        """End it. Called when nothing is being written."""


class WriterProcess:
    def __init__(self) -> None:
        self._asking = set[asyncio.Future[bool]]()

    async def start(self, hear: Callable[[Results], None], lose: Callable[[], None]) -> None:
        self._tell, self._tell_of_loss = hear, lose
        self._child = Child("writer", "privacy_portal.tracking.store.process", self._hear, self._lose)
        await self._child.start()

    def write(self, requests: list[Request]) -> bool:
        return self._child.say(framed(requests))

    def renew(self) -> None:
        """What a process remembers goes with it."""
        self._child.renew()

    async def state(self) -> str:
        """One that is just being replaced is waited for: that is over before anybody could see to it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    if await self._answers():
                        return "ok"
                    await asyncio.sleep(LOOKS_AGAIN_S)
        except TimeoutError:
            return f"no answer within {PATIENCE_S:.0f} s"

    async def stop(self) -> None:
        await self._child.stop()

    async def _answers(self) -> bool:
        """False when there is nobody, or no more. It answers a group of nothing, or one before that: both will do."""
        if not self._child.say(NOTHING):
            return False
        asked = asyncio.get_running_loop().create_future()
        self._asking.add(asked)
        try:
            return await asked
        finally:
            self._asking.discard(asked)

    def _hear(self, frame: bytearray) -> None:
        self._end_asking(True)
        if results := results_in(frame):
            self._tell(results)

    def _lose(self) -> None:
        self._end_asking(False)
        self._tell_of_loss()

    def _end_asking(self, answers: bool) -> None:
        for asked in self._asking:
            if not asked.done():
                asked.set_result(answers)
