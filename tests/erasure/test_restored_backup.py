"""A backup knows nobody who was erased after it. Restored, it does not serve before its marks were replayed; then those
people are erased again and stay out (contract G10)."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.speaking import Caller
from tests.erasure.stores import Store, embedded, postgresql
from tests.erasure.traces import Traces
from tests.portal import Portal
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)
PEOPLE = ("erased", "suppressed", "free")
NAME = Traces({"name": "Jane in the backup"})


def is_noted(store: Store, count: int) -> bool:
    """The sweep has put marks of this many gated people beside the database."""
    if not store.marks.exists():
        return False
    marks = [json.loads(line) for line in store.marks.read_text().splitlines()]
    return len({mark["key"] for mark in marks if mark.get("suppressed")}) == count


def assert_it_does_not_start(portal: Portal) -> None:
    ran = portal.manage("up")
    assert ran.returncode == 1
    assert "older than the suppression marks" in ran.stderr
    assert "run manage.py replay_marks" in ran.stderr
    assert ran.stderr.count("\n") == 1, "one sentence"


def test_a_restored_database_does_not_start_before_its_marks_were_replayed(tmp_path: Path) -> None:
    with embedded(tmp_path / "data") as store:
        portal, caller = store.portal, Caller(store.portal)
        back_up_and_go_on(store, caller, tmp_path / "backup")
        portal.stop()
        store.restore(tmp_path / "backup")
        assert NAME.in_bytes(store.content())
        assert_it_does_not_start(portal)
        assert "while the portal is stopped, run manage.py replay_marks" in portal.manage("doctor").stdout
        assert portal.manage("replay_marks").stdout.startswith("2 marks, 2 changed something.")
        portal.start()
        everyone_is_as_before(store, caller)


def test_one_that_is_put_in_place_under_a_running_portal_is_not_served(tmp_path: Path) -> None:
    shared = {"PORTAL_STORAGE_URL": (tmp_path / "shared").as_uri()}
    with postgresql(tmp_path / "data", **shared) as store:
        portal, caller = store.portal, Caller(store.portal)
        back_up_and_go_on(store, caller, tmp_path / "backup")
        link = {"event": "page", "userId": "free", "anonymousId": "a later phone"}
        caller.track("page", link)
        store.restore(tmp_path / "backup")
        assert NAME.in_bytes(store.content())
        until(lambda: portal.checks()["marks"] != "ok", 30, "the older database to be named")
        until(lambda: statuses_of_doors(caller) == {503}, 30, "every door to be shut")
        assert portal.is_alive()
        assert_it_does_not_start(Portal(tmp_path / "second host", environment=portal.environment))
        assert portal.manage("replay_marks").stdout.startswith("2 marks, 2 changed something.")
        until(lambda: 503 not in statuses_of_doors(caller), 30, "every door to be open again")
        everyone_is_as_before(store, caller)
        caller.track("page", link)  # the backup does not know it
        assert caller.regulate("suppress", "free")["status"] == "finished"
        assert caller.status(caller.track("page", {"event": "page", "anonymousId": "a later phone"})) == "suppressed"


def back_up_and_go_on(store: Store, caller: Caller, backup: Path) -> None:
    """One person is erased, and one suppressed, after the backup."""
    make_known(caller)
    store.back_up(backup)
    assert caller.regulate("suppress_and_delete", "erased")["status"] == "finished"
    assert caller.regulate("suppress", "suppressed")["status"] == "finished"
    until(lambda: is_noted(store, 2), 30, "both marks beside the database")
    assert not NAME.in_bytes(store.content())


def make_known(caller: Caller) -> None:
    for person in PEOPLE:
        traits = {"name": "Jane in the backup"} if person == "erased" else {}
        caller.track(
            "identify",
            {"event": "identify", "userId": person, "anonymousId": f"phone of {person}", "traits": traits},
        )


def finished(caller: Caller) -> set[str]:
    found = caller.api("GET", "regulations/").json()["results"]
    return {one["type"] for one in found if one["status"] == "finished"}


def everyone_is_as_before(store: Store, caller: Caller) -> None:
    until(lambda: finished(caller) == {"suppress", "suppress_and_delete"}, 90, "both regulations again")
    assert not NAME.in_bytes(store.content())
    erased, suppressed = caller.subject("erased"), caller.subject("suppressed")
    assert (erased["user_id"], erased["suppressed"], suppressed["suppressed"]) == (None, True, True)
    page = {"event": "page"}
    statuses = {person: caller.status(caller.track("page", {**page, "userId": person})) for person in PEOPLE}
    assert statuses == {"erased": "suppressed", "suppressed": "suppressed", "free": "stored"}
    assert caller.status(caller.track("page", {**page, "anonymousId": "phone of erased"})) == "suppressed"


def statuses_of_doors(caller: Caller) -> set[int]:
    """Tracking, REST API, console, preference page."""
    page = f"/track/{caller.portal.brand}/v1/page"
    tracked = caller.http.post(page, json={"event": "page"}, headers={"auth-token": caller.portal.server_token})
    others = [caller.api("GET", "regulations/"), *(caller.http.get(path) for path in ("/admin/login/", "/p/x/"))]
    if tracked.status_code == 503:
        assert tracked.json()["success"] is False
    return {answer.status_code for answer in (tracked, *others)}


def test_an_export_kept_elsewhere_does_when_the_whole_folder_is_lost(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    with embedded(tmp_path / "data") as store:
        portal, caller = store.portal, Caller(store.portal)
        store.back_up(tmp_path / "backup.sqlite3")
        assert caller.regulate("suppress", "u1")["status"] == "finished"
        assert portal.manage("export_marks", str(elsewhere)).stdout == "1 marks.\n"
        portal.stop()
        store.marks.unlink()

        store.restore(tmp_path / "backup.sqlite3")
        assert portal.manage("replay_marks").stderr.startswith("CommandError: There are no marks beside this database")
        replayed = portal.manage("replay_marks", str(elsewhere))
        assert replayed.stdout.startswith("1 marks, 1 changed something."), replayed.stderr
        portal.start()
        assert caller.status(caller.track("page", {"event": "page", "userId": "u1"})) == "suppressed"
