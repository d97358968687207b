"""The web process refuses everything while its database is older than its suppression marks, also when such a one was
put in its place while it runs."""

import asyncio
import json
from contextlib import suppress

from privacy_portal.environment import BadSetting
from privacy_portal.processes.guarded import Guarded
from privacy_portal.processes.probes import Scope, Send
from privacy_portal.rest.answers import MEDIA_TYPE, body
from privacy_portal.rest.problems import Problem
from privacy_portal.subjects.freshness import freshness
from privacy_portal.tracking import door, refusal

EVERY_S = 1.0
PATIENCE_S = 3.0
HEADERS = [(b"retry-after", b"5"), (b"cache-control", b"no-store")]


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


async def refuse(scope: Scope, send: Send) -> None:
    """503, each door in its own words."""
    path = scope["path"]
    if path.startswith(("/track/", "/v1/")):
        refused = refusal.unavailable()
        told = json.dumps({"success": False, "code": refused.code, "message": refused.message})
        media_type = "application/json"
    elif path.startswith("/api/"):
        told, media_type = json.dumps(body(Problem("unavailable"), path)), MEDIA_TYPE
    else:
        told, media_type = "This service is not available at the moment. Please try again later.", "text/plain"
    length = str(len(told)).encode()
    headers = [*HEADERS, (b"content-type", media_type.encode()), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else told.encode()})
