"""What the running processes write when something fails in them: where and of what kind, and nobody's words."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from tests.portal import Portal
from tests.processes.asking import suppress, track
from tests.waiting import until

WORDS = "maria@example.com"


@contextmanager
def refusing(portal: Portal, act: str) -> Iterator[None]:
    """The database refuses this, in words that quote a person."""
    with closing(sqlite3.connect(portal.data_dir / "portal.sqlite3", isolation_level=None, timeout=20)) as database:
        database.execute(f"CREATE TRIGGER refusing BEFORE {act} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END")
        try:
            yield
        finally:
            database.execute("DROP TRIGGER refusing")


def blocks(portal: Portal, event: str) -> list[str]:
    """What follows each line of this event, up to the next line of the log."""
    return re.findall(rf"^\S+ \S+ \w+ \S+ {event}.*\n((?:(?!\d{{4}}-).*\n)*)", portal.output, re.MULTILINE)


def test_it_says_where_and_of_what_kind_and_not_in_which_words(victim: Portal) -> None:
    headers = {"Authorization": f"Bearer {victim.api_token}"}
    with httpx.Client(base_url=f"{victim.url}/api/v1/subjects/", headers=headers, timeout=20) as api:
        subject = api.post("", json={"brand": victim.brand, "user_id": "maria"}).json()["id"]
        link = api.post(f"{subject}/preference-link/", json={}).json()["headers"]["List-Unsubscribe"].strip("<>")
        with refusing(victim, "INSERT ON consent_entry"):
            assert httpx.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=20).status_code == 500
        with refusing(victim, "INSERT ON preferences_preferencetoken"):
            assert api.post(f"{subject}/preference-link/", json={}).status_code == 500
    with refusing(victim, "INSERT ON tracking_event"):
        assert track(victim).status_code == 503
    for event, place in (
        ("Internal Server Error: /u/", "privacy_portal/preferences/"),
        ("rest.failed error=IntegrityError view=", "/preferences/links.py"),
        ("store.group_failed error=IntegrityError requests=1", "privacy_portal/tracking/store/gate.py"),
    ):
        block = until(lambda event=event: blocks(victim, event), 10, event)[0]
        assert place in block
        assert "\ndjango.db.utils.IntegrityError\n" in block
    assert WORDS not in victim.output


def heartbeat(portal: Portal) -> str:
    with closing(sqlite3.connect(portal.data_dir / "portal.sqlite3", timeout=20)) as database:
        return database.execute("SELECT at FROM durable_heartbeat WHERE name = 'sweep'").fetchone()[0]


def failing_chores(portal: Portal) -> list[str]:
    return re.findall(r'^portal_chore_failing_seconds\{chore="(\S+)"\}', portal.get("/metrics").decode(), re.MULTILINE)


def test_a_chore_of_the_sweep_that_fails_is_told_and_the_others_go_on(victim: Portal) -> None:
    until(victim.is_ready, 30, "readiness")
    with refusing(victim, "UPDATE ON audit_entry"):
        assert suppress(victim).status_code == 202
        until(lambda: failing_chores(victim) == ["audit.seal"], 20, "the chore to be named")
        last = heartbeat(victim)
        until(lambda: heartbeat(victim) > last, 10, "the sweep's next heartbeat")
        assert victim.checks()["sweep"] == "ok"
    until(lambda: not failing_chores(victim), 20, "it to succeed")
    (block,) = blocks(victim, "sweep.failed chore=audit.seal error=IntegrityError")
    assert "privacy_portal/audit/models.py" in block
    assert WORDS not in victim.output


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/api/v1/subjects/{WORDS}/", "Not Found: /api/"),
        (f"/{WORDS}", "Not Found: [no address]"),
        ("/P/a-live-token/", "Not Found: [no address]"),
        ("/p//a-live-token/", "Not Found: /^[pu]"),
        ("/u//a-live-token/", "Not Found: /^[pu]"),
        ("/p/a-live-token/", "Not Found: /p/[token]/"),
    ],
)
def test_of_an_address_it_says_which_of_ours_it_is_and_not_what_stood_in_it(
    victim: Portal, path: str, told: str
) -> None:
    before = len(victim.output)
    assert httpx.get(victim.url + path, timeout=20).status_code == 404
    until(lambda: told in victim.output[before:], 10, told)
    assert WORDS not in victim.output
    assert "a-live-token" not in victim.output
