"""A backup knows nobody who was erased after it. Restored, it does not serve before its marks were replayed; then those
people are erased again and stay out (contract G10)."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.speaking import Caller
from tests.portal import Portal
from tests.waiting import until

FILES = ("portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = Portal(tmp_path / "data").start()
    yield portal
    if portal.is_running:
        portal.stop()


def back_up(portal: Portal, to: Path) -> None:
    with closing(sqlite3.connect(portal.data_dir / FILES[0])) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy)


def restore(portal: Portal, backup: Path) -> None:
    for name in FILES:
        (portal.data_dir / name).unlink(missing_ok=True)
    shutil.copy(backup, portal.data_dir / FILES[0])


def is_noted(portal: Portal, count: int) -> bool:
    """The sweep has put this many marks beside the database."""
    answer = portal.manage("export_marks")
    beside = {line for line in (portal.data_dir / "marks.jsonl").read_text().splitlines() if '"key"' in line}
    marks = {line for line in answer.stdout.splitlines() if '"key"' in line}
    return len(marks) == count and marks <= beside


def refusal(portal: Portal) -> str:
    ran = portal.manage("up")
    assert ran.returncode == 1
    return ran.stderr


def test_a_restored_database_serves_only_after_its_marks_were_replayed(portal: Portal, tmp_path: Path) -> None:
    caller, page = Caller(portal), {"event": "page"}
    for person in ("erased", "suppressed", "free"):
        caller.track(
            "identify", {"event": "identify", "userId": person, "anonymousId": f"phone of {person}", "traits": {}}
        )
    back_up(portal, tmp_path / "backup.sqlite3")
    assert caller.regulate("suppress_and_delete", "erased")["status"] == "finished"
    assert caller.regulate("suppress", "suppressed")["status"] == "finished"
    until(lambda: is_noted(portal, 2), 20, "both marks beside the database", every=1)
    portal.stop()

    restore(portal, tmp_path / "backup.sqlite3")
    assert "older than the suppression marks" in refusal(portal)
    assert "replay_marks" in refusal(portal)
    replayed = portal.manage("replay_marks")
    assert replayed.stdout.startswith("2 marks, 2 changed something."), replayed.stderr
    portal.start()
    erased = until(lambda: len(finished(caller)) == 2 and caller.subject("erased"), 60, "both regulations again")
    assert (erased["user_id"], erased["suppressed"]) == (None, True)
    statuses = {
        person: caller.status(caller.track("page", {**page, "userId": person})) for person in ("erased", "free")
    }
    assert statuses == {"erased": "suppressed", "free": "stored"}
    assert caller.status(caller.track("page", {**page, "anonymousId": "phone of erased"})) == "suppressed"
    assert caller.subject("suppressed")["suppressed"]


def finished(caller: Caller) -> list[str]:
    found = caller.api("GET", "regulations/").json()["results"]
    return [one["type"] for one in found if one["status"] == "finished"]


def test_an_export_kept_elsewhere_does_when_the_whole_folder_is_lost(portal: Portal, tmp_path: Path) -> None:
    caller, elsewhere = Caller(portal), tmp_path / "elsewhere"
    back_up(portal, tmp_path / "backup.sqlite3")
    assert caller.regulate("suppress", "u1")["status"] == "finished"
    assert portal.manage("export_marks", str(elsewhere)).stdout == "1 marks.\n"
    portal.stop()
    (portal.data_dir / "marks.jsonl").unlink()

    restore(portal, tmp_path / "backup.sqlite3")
    assert portal.manage("replay_marks").stderr.startswith("CommandError: There are no marks beside this database")
    for _ in range(2):
        replayed = portal.manage("replay_marks", str(elsewhere))
        assert replayed.stdout.startswith("1 marks, "), replayed.stderr
    portal.start()
    assert caller.status(caller.track("page", {"event": "page", "userId": "u1"})) == "suppressed"
