"""Which application answers a request, and what happens when the web process starts and stops."""

import logging
from collections.abc import Awaitable, Callable

from asgiref.sync import sync_to_async

from privacy_portal.environment import BadSetting
from privacy_portal.processes import probes
from privacy_portal.processes.probes import Receive, Scope, Send
from privacy_portal.subjects import keys
from privacy_portal.tracking import door

logger = logging.getLogger(__name__)
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Routing:
    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["path"].startswith("/track/"):
            await door.application(scope, receive, send)
        elif scope["path"] in probes.PATHS:
            await probes.application(scope, receive, send)
        else:
            await self._django(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    """The ASGI lifespan: nothing is served before the subject key is known to be right."""
    await receive()
    try:
        await sync_to_async(keys.verify)()
        await door.startup()
    except BadSetting as reason:
        logger.error("web.not_started reason=%s", reason)
        return await send({"type": "lifespan.startup.failed", "message": str(reason)})
    except Exception as error:
        logger.error("web.not_started error=%s", type(error).__name__)
        return await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await door.shutdown()
    return await send({"type": "lifespan.shutdown.complete"})
