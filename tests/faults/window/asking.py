"""A process that asks for regulations of every type, about people who are its own, in the pace of the events.

Writes a line for each request: [asked, answered, person, type, id or the code of the refusal].
"""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic_ns, sleep
from typing import Any

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.subjects.errors import Conflict
from regulations.models import Regulation
from regulations.request import Intake, request_regulation
from tests.faults.window.calls import drawn, user_id

TYPES = {
    "suppress_and_delete": 4, "delete": 1, "unsuppress": 6, "suppress": 3, "no_track": 2, "track": 2, "access": 1,
}  # fmt: skip
OPEN_AT_ONCE = 6
REASON = "free text about this person"


@dataclass
class Asker:
    """`quota`: how many are to be accepted."""

    name: str
    people: list[int]
    quota: int
    brand: int
    log: Path
    race: Any

    def run(self) -> None:
        random, brand, accepted = Random(self.name), Brand.objects.get(pk=self.brand), 0
        with self.log.open("w") as lines:
            while accepted < self.quota:
                person, kind = random.choice(self.people), drawn(random, TYPES)
                asked = monotonic_ns()
                outcome = self._ask(brand, person, kind)
                lines.write(json.dumps([asked, monotonic_ns(), person, kind, outcome]) + "\n")
                if len(outcome) == 36:
                    accepted += 1
                    self.race.add(self.race.accepted, 1)
                while self.race.asks_too_fast() or self._is_far_ahead_of_the_workers(brand):
                    sleep(0.005)

    def _is_far_ahead_of_the_workers(self, brand: Brand) -> bool:
        """They must act while events are in flight, not when all is over."""
        return Regulation.objects.open().filter(brand=brand).count() >= OPEN_AT_ONCE

    def _ask(self, brand: Brand, person: int, kind: str) -> str:
        try:
            return str(request_regulation(brand, kind, user_id(person), COMMAND, Intake(reason=REASON)).pk)
        except Conflict as refusal:
            sleep(0.002)
            return refusal.code
