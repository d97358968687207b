"""Which application answers a request, and what happens when the web process starts and stops."""

import asyncio
import logging
from collections.abc import Awaitable

from privacy_portal.brands.last_use import last_use
from privacy_portal.environment import BadSetting
from privacy_portal.processes import probes
from privacy_portal.processes.opening import Opening
from privacy_portal.processes.probes import Receive, Scope, Send
from privacy_portal.processes.refusing import refuse
from privacy_portal.processes.site import BrokenOff, Site
from privacy_portal.processes.standstill import Standstill
from privacy_portal.tracking import door
from privacy_portal.tracking.segment import door as segment

logger = logging.getLogger(__name__)


class Routing:
    def __init__(self) -> None:
        self._site = Site()
        self._tracking = Opening()
        self._standstill = Standstill()
        self._beside = {"site": self._site.state, "writer": self._tracking.writer_state}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        try:
            return await self._answer(scope, receive, send)
        except BrokenOff:
            raise
        except Exception as error:
            logger.error("web.fault error=%s", type(error).__name__, exc_info=error)
            raise BrokenOff from None  # the server prints what it is told of, and answers 500 if it still can

    def _answer(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """No coroutine of its own: every event comes through here."""
        if scope["path"] in probes.PATHS:
            return probes.application(scope, send, self._beside)
        if self._standstill.holds:
            return refuse(scope, send)
        if scope["path"].startswith("/track/"):
            return self._tracking(door.application, scope, receive, send)
        if scope["path"].startswith("/v1/"):
            return self._tracking(segment.application, scope, receive, send)
        return self._site(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The ASGI lifespan. A wrong subject key ends the process; without a database it starts, to answer 503."""
        await receive()
        await self._site.start()
        try:
            await self._tracking.start()
        except BadSetting as reason:
            logger.error("web.not_started reason=%s", reason)
            return await send({"type": "lifespan.startup.failed", "message": str(reason)})
        except Exception as error:
            logger.error("web.tracking_shut error=%s", type(error).__name__, exc_info=error)
        await self._standstill.start()
        last_use.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._standstill.stop()
        await self._tracking.stop()
        await self._site.stop()
        await asyncio.to_thread(last_use.stop)
        return await send({"type": "lifespan.shutdown.complete"})
