"""A process that ingests: the web process's own door, or one that is asked over HTTP, spoken to by many at once.

Writes a line for each request that was answered: [began, ended, eventId, token, messageId of a batch, calls].
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic_ns
from typing import Any

import httpx

from privacy_portal.tracking.door import Door
from tests.faults.window.calls import TOKENS, Call, draw, drawn

AT_ONCE = 12
REPEATED, BATCHED, SHARED, TWICE_IN_ONE = 0.06, 0.25, 0.1, 0.3
BATCHES = {"small": 75, "middle": 13, "long": 12}
SIZES = {"small": (2, 12), "middle": (30, 100), "long": (150, 300)}
PAUSE_S = 0.01


@dataclass(frozen=True)
class Request:
    token: str
    calls: list[Call]
    batch: str | None

    @property
    def action(self) -> str:
        return "batch" if self.batch else self.calls[0].action

    def content(self) -> bytes:
        bodies = [call.body for call in self.calls]
        return json.dumps({"messageId": self.batch, "batch": bodies} if self.batch else bodies[0]).encode()


@dataclass
class Sender:
    name: str
    path: str
    tokens: dict[str, str]
    url: str | None
    log: Path
    race: Any
    drawn: int = 0
    drawn_shared: int = 0
    earlier: list[Request] = field(default_factory=list)

    def run(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        door = None
        if self.url is None:
            door = Door()
            await door.open()
        transport = httpx.ASGITransport(door) if door else None
        with self.log.open("w") as lines:
            async with httpx.AsyncClient(transport=transport, base_url=self.url or "http://door", timeout=60) as http:
                await asyncio.gather(*(self._send_on(http, lines, Random(f"{self.name} {n}")) for n in range(AT_ONCE)))
        if door:
            await door.close()

    async def _send_on(self, http: httpx.AsyncClient, lines: Any, random: Random) -> None:
        while self.race.sent.value < self.race.events:
            if self.race.sends_too_fast():
                await asyncio.sleep(PAUSE_S)
                continue
            request = self._request(random)
            self.race.add(self.race.sent, len(request.calls))
            began = monotonic_ns()
            event_id = await self._answered(http, request)
            notes = [call.note() for call in request.calls]
            lines.write(json.dumps([began, monotonic_ns(), event_id, request.token, request.batch, notes]) + "\n")

    async def _answered(self, http: httpx.AsyncClient, request: Request) -> str:
        """Sent again with the same messageIds while the door says so (contract T3)."""
        headers = {"auth-token": self.tokens[request.token], "content-type": "application/json"}
        while True:
            answer = await http.post(self.path + request.action, content=request.content(), headers=headers)
            if answer.status_code == 200:
                return str(answer.json()["eventId"])
            if answer.status_code not in (429, 503, 504):
                raise AssertionError(f"{request.action} was answered {answer.status_code}: {answer.text}")
            await asyncio.sleep(PAUSE_S)

    def _request(self, random: Random) -> Request:
        if self.earlier and random.random() < REPEATED:
            return random.choice(self.earlier)
        token = drawn(random, TOKENS)
        if random.random() >= BATCHED:
            return self._kept(Request(token, [self._call(random)], None))
        calls = list(self._calls(random, drawn(random, BATCHES)))
        return self._kept(Request(token, calls, f"batch of {calls[0].message}"))

    def _calls(self, random: Random, size: str) -> Iterator[Call]:
        """A long batch says so much about one person that its transaction lasts, with rows of others, whom nothing
        locks meanwhile: only the barrier keeps these from landing behind an erasure."""
        speaker = random.randrange(self.race.people) if size == "long" else None
        first = self._fresh(random, speaker)
        yield first
        for _ in range(random.randint(*SIZES[size]) - 2):
            yield self._fresh(random, speaker)
        yield first if random.random() < TWICE_IN_ONE else self._fresh(random, speaker)

    def _call(self, random: Random) -> Call:
        """Some calls are sent by every process, whichever comes first; what they say follows from their number."""
        if random.random() < SHARED:
            self.drawn_shared += 1
            return draw(Random(self.drawn_shared), self.race.people, f"shared {self.drawn_shared}", 0)
        return self._fresh(random)

    def _fresh(self, random: Random, speaker: int | None = None) -> Call:
        self.drawn += 1
        return draw(random, self.race.people, f"{self.name} {self.drawn}", self.drawn, speaker)

    def _kept(self, request: Request) -> Request:
        if len(self.earlier) < 500:
            self.earlier.append(request)
        return request
