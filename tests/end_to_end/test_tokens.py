"""Tokens in a running portal of several web processes (contract T3, T15, R5): what each may do, how much, how long.

Embedded there is one web process, and the buckets are in a file of its own; with PostgreSQL three share that file, or
Redis. Every promise is asked of each process by itself.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import pytest

from tests.end_to_end.desk import Desk
from tests.end_to_end.lines import Answer, Line, line_to_each
from tests.end_to_end.servers import database, redis_server
from tests.end_to_end.test_seven_types import KEYS
from tests.portal import Portal
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)  # a portal of six processes is started
PROCESSES = 3
Ask = Callable[[Line], Answer]


@dataclass(frozen=True)
class House:
    """A portal, a line to each of its web processes, and its console."""

    portal: Portal
    lines: list[Line]
    desk: Desk

    def stored(self, *marks: str) -> list[int]:
        """How many of the stored events have each of these in their text."""
        count = "from privacy_portal.tracking.models import Event\n"
        count += "texts = [bytes(event.body or b'') for event in Event.objects.all()]\n"
        count += f"print('stored', *[sum(mark.encode() in text for text in texts) for mark in {marks!r}])\n"
        done = self.portal.manage("shell", stdin=count)
        assert done.returncode == 0, done.stderr
        return [int(number) for number in done.stdout.rpartition("stored")[2].split()]


@pytest.fixture(scope="module", params=["embedded", "postgresql", "postgresql+redis"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, int]]:
    """A portal, and how many web processes it has."""
    with ExitStack() as stack:
        processes = 1
        if request.param == "embedded":
            portal = request.getfixturevalue("portal")
        else:
            processes = PROCESSES
            buckets = stack.enter_context(redis_server()) if request.param.endswith("redis") else {}
            environment = {"DATABASE_URL": stack.enter_context(database()), "ALLOWED_HOSTS": "127.0.0.1", **KEYS}
            environment |= {"WEB_PROCESSES": str(processes), **buckets}
            portal = Portal(tmp_path_factory.mktemp("tokens"), environment=environment)
            stack.callback(lambda: portal.is_running and portal.stop())
            portal.start()
        yield portal, processes


@pytest.fixture
def house(running: tuple[Portal, int]) -> Iterator[House]:
    """With lines of this test's own: the server hangs up on one that was idle for half a minute."""
    portal, processes = running
    lines = line_to_each(portal, processes)
    with Desk(portal) as desk:
        yield House(portal, lines, desk)
    for line in lines:
        line.connection.close()


def event(user_id: str, **more: Any) -> dict[str, Any]:
    return {"userId": user_id, "event": "Product Added", **more}


def test_an_app_sends_and_withdraws_and_can_do_no_more(house: House) -> None:
    server, mobile, person = house.portal.server_token, house.desk.auth_token("mobile"), "tokens / app"
    for line in house.lines:
        taken = line.track(mobile, event(person))
        assert taken.status == 200, taken
        assert line.status(server, taken.body["eventId"]).body["status"] == "stored"
        assert line.sdk(mobile, event(person)).status == 200
        assert line.status(mobile, taken.body["eventId"]).status == 403, "asking is a server's"
    line = house.lines[0]

    def consent(token: str, subscribed: bool) -> list[str]:
        channels = [{"channel": "email", "subscribed": subscribed}]
        traits = {"email": f"{token[-6:]}@example.com", "marketingPreferences": {"channels": channels}}
        told = line.track(token, {"userId": person, "event": "identify", "traits": traits}, "identify")
        return list(line.status(server, told.body["eventId"]).body["errors"])

    def subscribed() -> bool | None:
        return {one["channel"]: one["subscribed"] for one in look_up(user_id=person).body["channels"]}["email"]

    def look_up(**who: str) -> Answer:
        return line.api(house.portal.api_token, "POST", "subjects/lookup/", {"brand": house.portal.brand, **who})

    assert consent(mobile, True), "a grant is not obeyed, and the status says so"
    assert subscribed() is not True
    assert consent(server, True) == []
    assert subscribed() is True
    assert consent(mobile, False) == []
    assert subscribed() is False
    assert look_up(email=f"{server[-6:]}@example.com").status == 200
    assert look_up(email=f"{mobile[-6:]}@example.com").status == 404, "the address of an app is not believed"


@pytest.mark.parametrize("kind", ["server", "mobile"])
def test_the_processes_count_one_limit_for_each_token(house: House, kind: str) -> None:
    rate, burst = 1, 30
    token, other = house.desk.auth_token(kind, rate, burst), house.desk.auth_token(kind, rate, burst)
    begun = time.monotonic()
    asked = [(line, line.track(token, event("tokens / limit"))) for line in islice(cycle(house.lines), burst + 15)]
    most = burst + math.ceil((time.monotonic() - begun) * rate)
    taken = [line.pid for line, answer in asked if answer.status == 200]
    assert burst <= len(taken) <= most
    refused = [(line.pid, answer) for line, answer in asked if answer.status != 200]
    everyone = {line.pid for line in house.lines}
    assert set(taken) == {pid for pid, _ in refused} == everyone, "each took some, and each refused some"
    assert {(answer.status, answer.body["code"], answer.retry_after) for _, answer in refused} == {
        (429, "rate_limited", "1")
    }
    answers = [line.track(other, event("tokens / limit")).status for line in islice(cycle(house.lines), burst)]
    assert answers == [200] * burst, "another token of the same brand has all of its own"


@pytest.mark.parametrize("kind", ["server", "mobile"])
def test_a_revoked_token_is_refused_by_every_process_within_a_second(house: House, kind: str) -> None:
    """The way a secret is changed, too: the new one is made first, and goes on."""
    old, new = house.desk.auth_token(kind, 10_000, 10_000), house.desk.auth_token(kind, 10_000, 10_000)
    halves = [half_sent(Line(house.portal), old) for _ in house.lines]
    doors: list[Callable[[Line, str, str], Answer]] = [
        lambda line, token, mark: line.track(token, event(mark)),
        lambda line, token, mark: line.sdk(token, event(mark)),
    ]
    for line in house.lines:
        for ask in doors:
            assert ask(line, old, "tokens / before").status == ask(line, new, "tokens / new").status == 200
    house.desk.revoke(old)
    answered_at = time.monotonic()
    last_taken = 0.0
    while time.monotonic() - answered_at < 1.5:
        for line in house.lines:
            for ask in doors:
                sent = time.monotonic() - answered_at
                answer = ask(line, old, f"tokens / after {kind}" if sent >= 1 else "tokens / meanwhile")
                assert answer.status in (200, 403)
                if answer.status == 200:
                    last_taken = max(last_taken, sent)
    print(f"the last one taken was sent {last_taken:.2f} s after the revocation was answered")
    assert last_taken < 1
    for line in [*house.lines, *(Line(house.portal) for _ in range(5 * PROCESSES))]:
        for ask in doors:
            assert ask(line, old, f"tokens / after {kind}").status == 403
            assert ask(line, new, "tokens / new").status == 200
    assert [finished(line) for line in halves] == [403] * len(halves), "a body ends too late, too"
    late, half, before = house.stored(f"tokens / after {kind}", "tokens / half", "tokens / before")
    assert (late, half) == (0, 0)
    assert before, "what was stored is found"


def half_sent(line: Line, token: str) -> Line:
    """A call whose head is sent, and half of its body."""
    line.connection.putrequest("POST", f"/track/{Portal.brand}/v1/track")
    for name, value in (("auth-token", token), ("content-type", "application/json"), ("content-length", len(HALF) * 2)):
        line.connection.putheader(name, str(value))
    line.connection.endheaders(HALF)
    return line


HALF = json.dumps(event("tokens / half")).encode()[:-1].ljust(100)


def finished(line: Line) -> int:
    """The status of that call once the rest of its body is sent."""
    line.connection.send(b"}".rjust(len(HALF)))
    with line.connection.getresponse() as answer:
        return answer.status


def test_a_revoked_api_token_is_refused_by_every_process_from_the_next_request_on(house: House) -> None:
    token = house.desk.api_token("auditor")
    assert {line.api(token, "GET", "regulations/").status for line in house.lines} == {200}
    house.desk.revoke(token)
    assert {line.api(token, "GET", "regulations/").status for line in house.lines} == {401}


def test_the_console_says_when_each_token_was_last_used(house: House) -> None:
    used = {kind: house.desk.auth_token(kind) for kind in ("server", "mobile")} | {"api": house.desk.api_token("dpo")}
    assert [house.desk.last_used(token) for token in used.values()] == ["Never"] * 3
    line = house.lines[-1]
    assert line.track(used["server"], event("tokens / used")).status == 200
    assert line.sdk(used["mobile"], event("tokens / used")).status == 200
    assert line.api(used["api"], "GET", "regulations/").status == 200
    for token in used.values():
        assert until(lambda token=token: (told := house.desk.last_used(token)) != "Never" and told, 20).endswith(
            " s ago"
        )
