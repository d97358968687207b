"""Seven people, a regulation of each type, senders that never stop, and a fault in the middle of it."""

import time
from collections.abc import Collection
from typing import Any
from uuid import uuid4

import httpx

from regulations.types import TYPES
from tests.faults.invariants import Case, lost, violations
from tests.faults.load import Load
from tests.faults.stage import Stage
from tests.waiting import until

FIRST = {"delete": "suppress", "unsuppress": "suppress", "track": "no_track"}
EVENTS = 3
SECONDS_TO_END = 90


class Trial:
    """Made before the fault: people with events, and what their type needs first. Then `ask`, `over`, `end` and
    `judge`."""

    def __init__(self, stage: Stage, kinds: Collection[str] = tuple(TYPES)) -> None:
        self._stage = stage
        name = uuid4().hex[:8]
        self.load = Load(stage.portal, f"load {name}")
        self.cases = [Case(kind, f"{kind} {name}") for kind in kinds]
        for case in self.cases:
            call = {"userId": case.person, "event": "Bought"}
            case.events = [stage.caller.track("track", call) for _ in range(EVENTS)]
        needing = [case for case in self.cases if case.kind in FIRST]
        for case in needing:
            self._ask(case, FIRST[case.kind])
        self._await_ends(needing)

    def ask(self, *kinds: str) -> None:
        """Ask for the regulations of these kinds, or of all."""
        for case in self.cases:
            if not kinds or case.kind in kinds:
                self._ask(case, case.kind)

    def over(self) -> None:
        """That was the last fault: from now on everything must be taken up by itself."""
        for case in self.cases:
            case.since = time.monotonic()

    def end(self) -> None:
        """Wait for the end of every regulation."""
        self._await_ends(self.cases)

    def judge(self) -> list[str]:
        """What is not as promised, by the one checker."""
        caller, upstream = self._stage.caller, self._stage.upstream
        wrong = [f"{case.kind}: {name}" for case in self.cases for name in violations(caller, upstream, case)]
        return wrong + (list(lost(caller, self.load)) if self.load.acknowledged else [])

    def attempts(self) -> set[int]:
        """How often steps and updates were begun."""
        steps = {step["attempts"] for case in self.cases for step in case.regulation["steps"]}
        subjects = {case.regulation["subject"] for case in self.cases}
        answers = [self._stage.caller.api("GET", f"identify-updates/?subject={subject}") for subject in subjects]
        return steps | {update["attempts"] for answer in answers for update in answer.json()["results"]}

    def _ask(self, case: Case, kind: str) -> None:
        """Again under the same key until there is an answer, as a client would."""
        body = {"brand": self._stage.portal.brand, "type": kind, "user_id": case.person}
        key = str(uuid4())
        case.regulations.append(
            until(lambda: self._answer("POST", "", body, key), SECONDS_TO_END, f"an answer to {kind}")
        )

    def _await_ends(self, cases: list[Case]) -> None:
        until(lambda: not self._running(cases), SECONDS_TO_END, "every end", every=0.1)

    def _running(self, cases: list[Case]) -> list[Case]:
        return [case for case in cases if not self._is_over(case)]

    def _is_over(self, case: Case) -> bool:
        if not case.has_ended and (answer := self._answer("GET", f"{case.regulation['id']}/")):
            case.regulations[-1] = answer
            case.ended = time.monotonic()
        return case.has_ended

    def _answer(self, method: str, path: str, body: Any = None, key: str = "") -> dict[str, Any] | None:
        """None when there is no answer, or one that asks to come again."""
        headers = {"Authorization": f"Bearer {self._stage.portal.api_token}"} | (
            {"Idempotency-Key": key} if key else {}
        )
        url = f"{self._stage.portal.url}/api/v1/regulations/{path}"
        try:
            answer = httpx.request(method, url, json=body, headers=headers, timeout=20)
        except httpx.TransportError:
            return None
        if answer.status_code >= 500 or "idempotency_in_progress" in answer.text:
            return None
        assert answer.status_code in (200, 202), answer.text
        return dict(answer.json())
