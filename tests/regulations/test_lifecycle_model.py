"""Random requests, moves and events on one person, against the contract's table kept in a plain object."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from regulations.models import Regulation
from regulations.types import TYPES
from tests.factories.brands import make_brand
from tests.factories.events import track
from tests.factories.regulations import DPO, ask
from tests.upstream.server import Upstream, serve

OPENS = {"unsuppress": "suppressed", "track": "no_track"}
CLOSES = {"suppress": "suppressed", "suppress_and_delete": "suppressed", "no_track": "no_track"}
DISPLACES = {"delete": "unsuppress", "suppress": "unsuppress", "suppress_and_delete": "unsuppress", "no_track": "track"}
ERASES = {"delete", "suppress_and_delete"}


@contextmanager
def refusal_code() -> Iterator[list[str]]:
    codes: list[str] = []
    try:
        yield codes
    except Conflict as conflict:
        codes.append(conflict.code)


class Lifecycle(RuleBasedStateMachine):
    upstream: Upstream

    def __init__(self) -> None:
        super().__init__()
        self.brand = make_brand(upstream_url=self.upstream.url)
        self.flags = {"suppressed": False, "no_track": False}
        self.queue: list[tuple[str, Regulation]] = []
        self.stored = 0

    def expected_refusal(self, kind: str) -> str | None:
        open_types = {name for name, _ in self.queue}
        if kind == "unsuppress" and open_types & ERASES:
            return "erasure_open"
        opening = DISPLACES.get(kind) in open_types
        if kind in open_types and not opening:
            return "already_open"
        if kind == "suppress" and self.flags["suppressed"] and not opening:
            return "already_suppressed"
        if kind == "no_track" and self.flags["no_track"] and not opening:
            return "already_no_track"
        if kind in ("delete", "unsuppress") and not self.flags["suppressed"]:
            return "not_suppressed"
        if kind == "track" and not self.flags["no_track"]:
            return "not_no_track"
        return None

    @rule(kind=st.sampled_from(sorted(TYPES)))
    def request(self, kind: str) -> None:
        expected = self.expected_refusal(kind)
        with refusal_code() as codes:
            regulation = ask(self.brand, kind, "u1")
        assert codes == ([expected] if expected else [])
        if expected:
            return
        self.queue = [(name, held) for name, held in self.queue if name != DISPLACES.get(kind)]
        self.queue.append((kind, regulation))
        if flag := CLOSES.get(kind):
            self.flags[flag] = True

    @rule()
    def work(self) -> None:
        work_until_idle()
        for kind, regulation in self.queue:
            regulation.refresh_from_db()
            assert regulation.status == "finished"
            if flag := OPENS.get(kind):
                self.flags[flag] = False
            if kind in ERASES:
                self.stored = 0
        self.queue = []

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.queue) - 1))
        kind, regulation = self.queue[position]
        regulation.refresh_from_db()
        others = {name for at, (name, _) in enumerate(self.queue) if at != position}
        blocked = regulation.closed_gate and CLOSES[kind] == "suppressed" and others & ERASES
        with refusal_code() as codes:
            regulation.cancel(DPO)
        assert codes == (["erasure_open"] if blocked else [])
        if not blocked:
            del self.queue[position]
            if regulation.closed_gate and kind not in others:
                self.flags[CLOSES[kind]] = False

    @rule()
    def send(self) -> None:
        event = Event.objects.get(event_id=track(self.brand, "u1"))
        expected = "suppressed" if self.flags["suppressed"] else "not_tracked" if self.flags["no_track"] else "stored"
        assert event.status == expected
        self.stored += expected == "stored"

    @invariant()
    def the_rows_say_what_the_model_says(self) -> None:
        subject = Subject.objects.of(self.brand, "u1").first()
        if subject:
            assert {name: getattr(subject, name) for name in self.flags} == self.flags
        assert Event.objects.filter(brand=self.brand, status="stored").count() == self.stored


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_every_sequence_of_requests_keeps_to_the_table() -> None:
    with serve() as upstream:
        Lifecycle.upstream = upstream
        run_state_machine_as_test(
            Lifecycle,
            settings=settings(
                max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
