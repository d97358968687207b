"""The web process refuses everything while its database is older than its suppression marks, also when such a one was
put in its place while it runs."""

import asyncio
from contextlib import suppress

from privacy_portal.environment import BadSetting
from privacy_portal.processes.guarded import Guarded
from privacy_portal.subjects.freshness import freshness
from privacy_portal.tracking import door

EVERY_S = 1.0
PATIENCE_S = 3.0


class Standstill:
    """`holds`: nothing may be served. So it begins, until the database has answered."""

    def __init__(self) -> None:
        self.holds = True
        self._forbids = Guarded("marks", freshness.forbids, kept_s=0)
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._look()
        self._watching = asyncio.create_task(self._watch())

    def stop(self) -> None:
        if self._watching:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._look()

    async def _look(self) -> None:
        with suppress(Exception, BadSetting):  # a database that is away, or not ours, serves nobody either
            held, self.holds = self.holds, await self._forbids.answer(PATIENCE_S)
            if self.holds and not held:
                door.forget()
