"""A database that goes away is named and answered with 503, also by a web process that starts meanwhile."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.end_to_end.servers import database, server
from tests.portal import Portal
from tests.processes.asking import api
from tests.processes.family import main_process, writer_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
LONG_S = 17
"""A pool that doubles its pauses without a bound looks at 1, 3, 7 and 15 s, and then only at 31."""
SECRET = "0123456789abcdef0123456789abcdef"


@contextmanager
def away(url: str) -> Iterator[None]:
    """The database of this URL, refusing every connection."""
    name = urlsplit(url).path[1:]
    with psycopg.connect(server("TEST_DATABASE_URL"), autocommit=True) as administrator:
        administrator.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            administrator.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """The database of this URL as a standby is, once the primary is lost: it answers, and takes no writes."""
    name = urlsplit(url).path[1:]
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(server("TEST_DATABASE_URL"), autocommit=True) as administrator:
        administrator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        administrator.execute(ended, [name])
        try:
            yield
        finally:
            administrator.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            administrator.execute(ended, [name])


def sent(portal: Portal, token: str) -> httpx.Response:
    return httpx.post(
        f"{portal.url}/track/{portal.brand}/v1/track",
        json={"userId": "away", "event": "Seen"},
        headers={"auth-token": token},
        timeout=20,
    )


def link_of(portal: Portal) -> tuple[str, str]:
    """The addresses of a person's preference page and of its one-click unsubscribe."""
    headers = {"Authorization": f"Bearer {portal.api_token}"}
    with httpx.Client(base_url=f"{portal.url}/api/v1/subjects/", headers=headers, timeout=20) as api:
        subject = api.post("", json={"brand": portal.brand, "user_id": "away"}).json()["id"]
        link = api.post(f"{subject}/preference-link/", json={}).json()
    return link["url"], link["headers"]["List-Unsubscribe"].strip("<>")


def is_asked_back(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and int(answer.headers["retry-after"]) > 0 and "set-cookie" not in answer.headers


def test_pages_ask_people_and_mailbox_providers_back(make_portal: Callable[..., Portal]) -> None:
    with database() as url:
        given = {"SECRET_KEY": SECRET, "PORTAL_ENCRYPTION_KEYS": SECRET, "PORTAL_SUBJECT_KEY": SECRET}
        portal = make_portal(DATABASE_URL=url, ALLOWED_HOSTS="127.0.0.1", WEB_PROCESSES="1", **given).start()
        page, unsubscribe = link_of(portal)
        one_click = {"List-Unsubscribe": "One-Click"}
        with away(url):
            until(lambda: portal.checks()["database"] != "ok", 15, "the database to be named")
            browser = {"accept": "text/html", "cookie": f"sessionid_{portal.port}={'k' * 32}"}
            told = [httpx.get(address, headers=browser, timeout=20) for address in (page, f"{portal.url}/admin/")]
            assert all(map(is_asked_back, told))
            assert all("Please try again in a few minutes" in answer.text for answer in told)
            assert is_asked_back(httpx.post(unsubscribe, data=one_click, timeout=20))
            ran = portal.manage("verify_audit")
            assert (ran.returncode, ran.stdout) == (1, "")
            assert "CommandError: The database cannot be used" in ran.stderr
            assert "Traceback" not in ran.stderr
        until(portal.is_ready, 30, "readiness again")
        assert httpx.post(unsubscribe, data=one_click, timeout=20).text == "Unsubscribed.\n"
        assert portal.stop() == 0


def test_a_database_that_takes_no_writes_is_named_and_everyone_is_asked_back(
    make_portal: Callable[..., Portal],
) -> None:
    with database() as url:
        given = {"SECRET_KEY": SECRET, "PORTAL_ENCRYPTION_KEYS": SECRET, "PORTAL_SUBJECT_KEY": SECRET}
        portal = make_portal(DATABASE_URL=url, ALLOWED_HOSTS="127.0.0.1", WEB_PROCESSES="1", **given).start()
        _, unsubscribe = link_of(portal)
        with read_only(url):
            until(lambda: "takes no writes" in portal.checks()["database"], 15, "the database to be named")
            refused = api(portal, "POST", "subjects/", json={"brand": portal.brand, "user_id": "nobody yet"})
            assert (refused.json()["code"], is_asked_back(refused)) == ("unavailable", True)
            assert is_asked_back(httpx.post(unsubscribe, data={"List-Unsubscribe": "One-Click"}, timeout=20))
            assert sent(portal, portal.server_token).status_code == 503
            assert "why:  the database takes no writes" in portal.manage("doctor").stdout
        until(portal.is_ready, 30, "readiness again")
        until(lambda: sent(portal, portal.server_token).status_code == 200, 10, "an event to be taken again")
        assert portal.stop() == 0


def test_it_answers_503_until_the_database_is_back(make_portal: Callable[..., Portal]) -> None:
    with database() as url:
        given = {"SECRET_KEY": SECRET, "PORTAL_ENCRYPTION_KEYS": SECRET, "PORTAL_SUBJECT_KEY": SECRET}
        portal = make_portal(DATABASE_URL=url, ALLOWED_HOSTS="127.0.0.1", WEB_PROCESSES="1", **given).start()
        web = main_process(portal, "web")
        assert web
        with away(url):
            until(lambda: portal.checks()["database"] != "ok", 15, "the database to be named")
            os.kill(web.pid, signal.SIGKILL)
            until(lambda: main_process(portal, "web") not in (None, web), 10, "a new web process")
            until(portal.is_alive, 30, "its answer without a database")
            assert portal.checks()["database"] != "ok"
            refused = sent(portal, portal.server_token)
            assert (refused.status_code, refused.json()["success"]) == (503, False)
            assert int(refused.headers["retry-after"]) > 0
        until(portal.is_ready, 30, "readiness again")
        assert writer_of(portal), "a probe has the door opened, not the first event alone"
        until(lambda: sent(portal, portal.server_token).status_code == 200, 10, "an event to be taken again")
        with away(url):
            end = time.monotonic() + LONG_S
            while time.monotonic() < end:
                assert sent(portal, portal.server_token).status_code == 503
        until(lambda: sent(portal, portal.server_token).status_code == 200, 5, "no longer wait after a longer outage")
        assert portal.stop() == 0
