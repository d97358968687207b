"""Fifty suppressions a second while events flow as fast as they can, against the same flow without.

The people who are suppressed are among those whose events flow, and go on sending: nothing of theirs that was received
after the answer may be kept. That is looked up in the store itself when all is over.
"""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any

from benchmarks.contender import ROUNDS, SECONDS, STORES, Contender, portal_on
from benchmarks.durable_events import bodies
from benchmarks.stage import Stage
from benchmarks.suppress import at

CONNECTIONS = 64
A_SECOND = 50
ASKERS = 16
PEOPLE = round(8 * A_SECOND * SECONDS * ROUNDS)  # at most one in four is suppressed by the end


def measure() -> dict[str, Any]:
    return {name: _measure(store) for name, store in STORES.items()}


def _measure(store: str) -> dict[str, Any]:
    calls = [json.loads(body) for body in bodies("userId")]
    flow = [json.dumps(calls[number % len(calls)] | {"userId": f"user-{number}"}) for number in range(PEOPLE)]
    with portal_on(store) as (served, url):
        alone, disturbed = (Contender(name, served, flow, url) for name in ("alone", "disturbed"))
        suppressor = Suppressor(served)
        for _ in range(ROUNDS):
            alone.measure(CONNECTIONS)
            disturbed.measure(CONNECTIONS, suppressor.at_work())
        return {
            "a second, with none": alone.per_second,
            "load tool's share of a core": max(alone.tool_cpu, disturbed.tool_cpu),
            **_found(disturbed, alone, suppressor),
        }


def _found(disturbed: Contender, alone: Contender, suppressor: "Suppressor") -> dict[str, Any]:
    through, kept_out = _after_the_answer(disturbed, suppressor.answered_at)
    if through or kept_out < len(suppressor.answered_at):
        raise SystemExit(f"{through} events of the suppressed got through, {kept_out} were kept out")
    return {
        "a second, with suppressions": disturbed.per_second,
        "with : without": round(disturbed.per_second / alone.per_second, 2),
        f"suppressions answered a second (of {A_SECOND})": round(median(suppressor.rates), 1),
        "a suppression p50, p99 ms": [at(suppressor.took, 0.5), at(suppressor.took, 0.99)],
        "events received after the answer: kept, kept out": [through, kept_out],
    }


class Suppressor:
    """Asks at fixed times, whether or not the last was answered; nobody twice."""

    def __init__(self, asked: Stage) -> None:
        self.asked = asked
        self.took: list[float] = []
        self.rates: list[float] = []
        self.answered_at: dict[str, datetime] = {}
        self._numbers = count()
        self._own = threading.local()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        ended, asked = threading.Event(), list[Future[str]]()
        self._own = threading.local()
        # The pool's threads end, and with them their connections, before the server does.
        with ThreadPoolExecutor(ASKERS) as askers:
            # What starts with the first requests, as their processes do, has then started for good.
            list(askers.map(self._ask, [f"nobody-{next(self._numbers)}" for _ in range(ASKERS)]))
            began = time.monotonic()

            def ask_in_time() -> None:
                while not ended.wait(max(0.0, began + len(asked) / A_SECOND - time.monotonic())):
                    asked.append(askers.submit(self._suppress, f"user-{next(self._numbers)}"))

            clock = threading.Thread(target=ask_in_time)
            clock.start()
            try:
                yield
            finally:
                ended.set()
                clock.join()
            answered = [one.result() for one in asked]
            self.rates.append(len(answered) / (time.monotonic() - began))
            # Many came again in the flow already. Now all of them do.
            list(askers.map(self._track, answered))

    def _suppress(self, user_id: str) -> str:
        began = time.perf_counter()
        self._ask(user_id)
        self.took.append(1000 * (time.perf_counter() - began))
        self.answered_at[user_id] = datetime.now(UTC)
        return user_id

    def _ask(self, user_id: str) -> None:
        body = {"brand": "bench/bench/BENCH", "type": "suppress", "user_id": user_id}
        self._post("/api/v1/regulations/", {"Authorization": f"Bearer {self.asked.api_token}"}, body, 202)

    def _track(self, user_id: str) -> None:
        body = {"userId": user_id, "event": "Seen"}
        self._post(self.asked.path, {"auth-token": self.asked.token}, body, 200)

    def _post(self, path: str, headers: dict[str, str], body: dict[str, str], wanted: int) -> None:
        """Each thread over a connection of its own."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection("127.0.0.1", self.asked.port)
        connection: HTTPConnection = self._own.connection
        headers = headers | {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != wanted:
            raise SystemExit(f"POST {path} was answered {answer.status}")


def _after_the_answer(portal: Contender, answered_at: dict[str, datetime]) -> tuple[int, int]:
    """How many events of the suppressed were received after the answer and kept, and how many were kept out (of those
    of all rounds)."""
    late = 0
    for body, received_at in portal.ask("SELECT body, received_at FROM tracking_event WHERE body IS NOT NULL"):
        answered = answered_at.get(json.loads(bytes(body))["userId"])
        late += answered is not None and _utc(received_at) > answered
    return late, portal.value("SELECT count(*) FROM tracking_event WHERE status = 'suppressed'")


def _utc(moment: Any) -> datetime:
    """What PostgreSQL answers, and SQLite, which keeps text."""
    return moment if isinstance(moment, datetime) else datetime.fromisoformat(moment).replace(tzinfo=UTC)
