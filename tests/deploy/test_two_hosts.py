"""Two hosts that share PostgreSQL, RabbitMQ, Redis and a folder for files are one portal."""

import io
import signal
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.end_to_end.servers import database, rabbitmq, redis_server
from tests.end_to_end.speaking import ENDED, Caller
from tests.end_to_end.test_seven_types import KEYS
from tests.portal import Portal
from tests.waiting import until

PERSON = "two hosts / 1"
PAGE = {"userId": PERSON, "event": "page"}


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Caller, Caller]]:
    """Two portals with data folders of their own; the second knows the first one's credentials and nothing else."""
    with ExitStack() as stack:
        shared = {
            "DATABASE_URL": stack.enter_context(database()),
            **stack.enter_context(redis_server()),
            **stack.enter_context(rabbitmq()),
            "PORTAL_STORAGE_URL": (tmp_path / "shared").as_uri(),
            "ALLOWED_HOSTS": "127.0.0.1",
            "WEB_PROCESSES": "1",
            **KEYS,
        }
        first, second = (Portal(tmp_path / name, environment=shared) for name in ("first", "second"))
        for portal in (first, second):
            stack.callback(lambda portal=portal: portal.is_running and portal.stop())
            portal.start()
        second.server_token, second.api_token = first.server_token, first.api_token
        yield Caller(first), Caller(second)


@pytest.mark.timeout(300)  # eight processes are started, and a host is lost
def test_two_hosts_are_one_portal(hosts: tuple[Caller, Caller]) -> None:
    here, there = hosts
    limited = a_token_made_here_is_good_there(here, there)
    the_two_count_one_limit(here, there, limited)
    a_revocation_holds_at_both_within_a_second(here, there, limited)
    an_export_asked_for_here_is_had_there(here, there)
    what_is_suppressed_here_is_gated_there_at_once(here, there)
    what_was_asked_of_a_host_that_is_lost_is_done_by_the_other(here, there)


def a_token_made_here_is_good_there(here: Caller, there: Caller) -> str:
    command = ("create_auth_token", "acme", "acme", "--kind", "server", "--rate", "1", "--burst", "2")
    token = here.portal.manage(*command).stdout.strip()
    assert there.status(there.track("page", PAGE, token)) == "stored"
    return token


def the_two_count_one_limit(here: Caller, there: Caller, token: str) -> None:
    """Two may pass, then one a second: asked by turns, one of the two hosts says 429 within a few requests."""
    answers = [door(caller, token) for _ in range(5) for caller in (here, there)]
    assert 429 in answers
    taken = answers.count(200)
    assert taken <= 8, "each host counting for itself would let ten pass"


def a_revocation_holds_at_both_within_a_second(here: Caller, there: Caller, token: str) -> None:
    with psycopg.connect(here.portal.environment["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("UPDATE brands_authtoken SET revoked_at = now() WHERE hint = %s", [token[-4:]])
        revoked = time.monotonic()
    for caller in (here, there):
        while (asked := time.monotonic()) < revoked + 1:
            if door(caller, token) == 403:
                break
        assert door(caller, token) == 403, f"asked {asked - revoked:.1f} s after the revocation"


def door(caller: Caller, token: str) -> int:
    url = f"{caller.portal.url}/track/{caller.portal.brand}/v1/page"
    return httpx.post(url, json=PAGE, headers={"auth-token": token}).status_code


def an_export_asked_for_here_is_had_there(here: Caller, there: Caller) -> None:
    access = here.regulate("access", PERSON)
    assert access["status"] == "finished"
    answer = there.api("GET", f"regulations/{access['id']}/export/")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as export:
        assert export.testzip() is None


def what_is_suppressed_here_is_gated_there_at_once(here: Caller, there: Caller) -> None:
    """Ten people, each suppressed at one host and seen at the other as soon as the answer is there."""
    for number in range(10):
        asked, seen = (here, there) if number % 2 else (there, here)
        person = f"two hosts / gate {number}"
        request(asked, "suppress", person)
        assert seen.status(seen.track("page", {"userId": person, "event": "page"})) == "suppressed"


def what_was_asked_of_a_host_that_is_lost_is_done_by_the_other(here: Caller, there: Caller) -> None:
    """The first host is killed whole, in the middle of what it was asked for."""
    asked = [request(here, "suppress_and_delete", f"two hosts / lost {number}") for number in range(3)]
    here.portal.stop(signal.SIGKILL)
    for regulation in asked:
        assert end_of(there, regulation) == "finished"
    until(there.portal.is_ready, 30, "the host that is left to be ready")


def request(caller: Caller, kind: str, person: str) -> str:
    answer = caller.api("POST", "regulations/", {"brand": caller.portal.brand, "type": kind, "user_id": person})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def end_of(caller: Caller, regulation: str) -> str:
    def ended() -> str | None:
        status: str = caller.api("GET", f"regulations/{regulation}/").json()["status"]
        return status if status in ENDED else None

    return until(ended, 60, "the end of what the lost host was asked")
