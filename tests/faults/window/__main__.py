"""Runs the race against the portal of the environment: `python -m tests.faults.window EVENTS REGULATIONS FOLDER`.
With `flood` behind it, 64 connections send another brand's events meanwhile, as fast as they are answered.

Prints one JSON object: {"violations": {rule: number}, "examples": {rule: […]}, "counts": {…}, "seconds": {…}}.
"""

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

from benchmarks.durable_events import bodies
from benchmarks.job import Job, Result
from benchmarks.load import run

DOORS = 3
ASKERS = 2
AHEAD = 3
EXAMPLES = 5
UNLIMITED = 1_000_000
SECONDS_TO_SETTLE = 600
FLOOD_SECONDS = 2.0
# Forked before anything is connected: each process has connections of its own, and none has to import it all again.
processes = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Race:
    """How much there is of each, and how far the processes have come together, so that events and regulations keep
    pace: else one kind would be through before the other has begun."""

    events: int
    regulations: int
    sent: Any = field(default_factory=lambda: processes.Value("q", 0))
    accepted: Any = field(default_factory=lambda: processes.Value("q", 0))

    @property
    def people(self) -> int:
        return max(8, self.regulations // 4)

    def sends_too_fast(self) -> bool:
        return bool(self.sent.value * self.regulations > self.events * (self.accepted.value + AHEAD))

    def asks_too_fast(self) -> bool:
        return bool(self.sent.value * self.regulations < self.events * self.accepted.value)

    @staticmethod
    def add(to: Any, number: int) -> None:
        with to.get_lock():
            to.value += number


def main(race: Race, folder: Path, *, is_flooded: bool) -> dict[str, Any]:
    from privacy_portal.brands.models import Brand
    from tests.faults.window.judge import Judge
    from tests.faults.window.story import read

    began = time.monotonic()
    brand, tokens = apart(prepare)
    flood = Flood(apart(prepare_flood)) if is_flooded else None
    senders = [start(send, name, race, tokens, folder) for name in range(DOORS)]
    finish([*(start(ask, name, race, brand, folder) for name in range(ASKERS)), *senders])
    raced = time.monotonic()
    others = {"flooding events a second": flood.end()} if flood else {}
    settle(brand)
    settled = time.monotonic()
    judge = Judge(Brand.objects.get(pk=brand), read(folder, race.people))
    judge.judge()
    return {
        "violations": {rule: len(found) for rule, found in judge.violations.items()},
        "examples": {rule: found[:EXAMPLES] for rule, found in judge.violations.items()},
        "counts": {**dict(sorted(judge.counts.items())), "refusals": judge.story.refusals, **others},
        "seconds": {"raced": round(raced - began, 1), "settled": round(settled - raced, 1)},
    }


def prepare() -> tuple[int, dict[str, str]]:
    """A brand with a token of each kind that no rate limit stops."""
    from privacy_portal.audit.models import COMMAND
    from privacy_portal.brands.models import Brand
    from tests.faults.window.calls import COMMAND as SENDS
    from tests.faults.window.calls import TOKENS

    brand, _ = Brand.objects.ensure("acme", "acme", "RACE", actor=COMMAND)
    brand.configure({"commands": [SENDS]}, COMMAND)
    return brand.pk, {kind: unlimited(kind, brand) for kind in TOKENS}


def prepare_flood() -> str:
    """Another brand, of which nobody asks anything, and its token."""
    from privacy_portal.audit.models import COMMAND
    from privacy_portal.brands.models import Brand

    return unlimited("server", Brand.objects.ensure("acme", "acme", "FLOOD", actor=COMMAND)[0])


def unlimited(kind: str, brand: Any) -> str:
    """A token of the brand that no rate limit stops."""
    from privacy_portal.audit.models import COMMAND
    from privacy_portal.brands.models import AuthToken

    return AuthToken.objects.issue(
        kind, brand.client, brand.account, brand, actor=COMMAND, rate=UNLIMITED, burst=UNLIMITED
    )[1]


class Flood:
    """The load tool of the benchmarks, again and again until it is told to end."""

    def __init__(self, token: str) -> None:
        self._job = Job(
            int(os.environ["PORT"]), "/track/acme/acme/FLOOD/v1/track", token, bodies("userId"), seconds=FLOOD_SECONDS
        )
        self._results: list[Result] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> float:
        """Returns how many events a second were answered."""
        self._ended.set()
        self._thread.join()
        return round(sum(one.per_second for one in self._results) / len(self._results), 1)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._results.append(run(self._job))


def send(number: int, race: Race, tokens: dict[str, str], folder: Path) -> None:
    """The first one speaks to the portal's web process, the others are web processes of their own."""
    from tests.faults.window.sending import Sender

    url = None if number else f"http://127.0.0.1:{os.environ['PORT']}"
    log = folder / f"sender-{number}.jsonl"
    Sender(f"sender {number}", "/track/acme/acme/RACE/v1/", tokens, url, log, race).run()


def ask(number: int, race: Race, brand: int, folder: Path) -> None:
    from tests.faults.window.asking import Asker

    own = list(range(number, race.people, ASKERS))
    log = folder / f"asker-{number}.jsonl"
    Asker(f"asker {number}", own, race.regulations // ASKERS, brand, log, race).run()


def settle(brand: int) -> None:
    """Until the workers have ended all that was asked for."""
    from privacy_portal.upstream.models import IdentifyUpdate
    from regulations.models import Regulation
    from tests.waiting import until

    def is_settled() -> bool:
        of_brand = {"brand_id": brand}
        return not any(
            model._default_manager.open().filter(**of_brand).exists() for model in (Regulation, IdentifyUpdate)
        )

    until(is_settled, SECONDS_TO_SETTLE, "every regulation to end", every=0.1)


def start(act: Callable[..., None], *arguments: Any) -> Any:
    process = processes.Process(target=act, args=arguments)
    process.start()
    return process


def finish(started: list[Any]) -> None:
    for process in started:
        process.join()
        if process.exitcode:
            sys.exit(f"a process of the race ended with {process.exitcode}")


def apart(act: Callable[[], Any]) -> Any:
    """Do it in a process of its own, so that this one has no connection to hand down."""
    mine, theirs = processes.Pipe()
    process = start(lambda: theirs.send(act()))
    finish([process])
    return mine.recv()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
    django.setup()
    race = Race(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps(main(race, Path(sys.argv[3]), is_flooded=sys.argv[4:] == ["flood"]), indent=1))
