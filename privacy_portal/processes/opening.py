"""Opens the tracking API once the subject key is known to be right; a database that is away opens it later."""

import asyncio
import logging
from collections.abc import Awaitable

from asgiref.sync import sync_to_async

from privacy_portal.environment import BadSetting
from privacy_portal.processes.probes import Application, Receive, Scope, Send
from privacy_portal.processes.refusing import refuse
from privacy_portal.subjects import keys
from privacy_portal.tracking import door

logger = logging.getLogger(__name__)
PATIENCE_S = 3.0


class Opening:
    """The tracking API, or 503 for as long as the gate cannot be read."""

    def __init__(self) -> None:
        self._trying = asyncio.Lock()
        self._is_open = False

    async def start(self) -> None:
        """At the start of the process. BadSetting when the subject key is wrong; no database is waited for."""
        await sync_to_async(keys.verify)()
        await door.startup()
        self._is_open = True

    async def stop(self) -> None:
        if self._is_open:
            await door.shutdown()

    async def writer_state(self) -> str:
        """`ok` when the process that writes events answers, else why not. A probe opens the door as a caller does:
        whoever is sent callers only when it is ready would else never be."""
        if not self._is_open:
            self._probe = asyncio.ensure_future(self._opens())  # never cut short: it may have begun to start things
            await asyncio.wait([self._probe], timeout=PATIENCE_S)
        if not self._is_open:
            return "not started: the log says why at web.tracking_shut"
        return await door.opened().writer.state()

    def __call__(self, application: Application, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Let `application` answer, which may count on an open door."""
        if self._is_open:
            return application(scope, receive, send)
        return self._open_first(application, scope, receive, send)

    async def _open_first(self, application: Application, scope: Scope, receive: Receive, send: Send) -> None:
        await (application(scope, receive, send) if await self._opens() else refuse(scope, send))

    async def _opens(self) -> bool:
        """One request tries, the others are refused at once. A wrong key found only now leaves it shut."""
        if self._trying.locked():
            return False
        async with self._trying:
            try:
                await self.start()
            except (Exception, BadSetting) as error:
                logger.error("web.tracking_shut error=%s", type(error).__name__, exc_info=error)
        return self._is_open
