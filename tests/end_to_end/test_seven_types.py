"""One person through all seven regulation types, over HTTP, with real workers: embedded, and on real engines."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.end_to_end.servers import database, rabbitmq, redis_server
from tests.end_to_end.speaking import Caller
from tests.portal import Portal

KEYS = {
    name: f"{name}-for-this-test-only".ljust(44, "0")
    for name in ("SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY")
}


@pytest.fixture(params=["embedded", "postgresql+rabbitmq", "postgresql+redis"])
def caller(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    if request.param == "embedded":
        yield Caller(request.getfixturevalue("portal"))
        return
    with ExitStack() as stack:
        broker = stack.enter_context(rabbitmq() if request.param.endswith("rabbitmq") else redis_server())
        environment = {"DATABASE_URL": stack.enter_context(database()), "ALLOWED_HOSTS": "127.0.0.1", **KEYS, **broker}
        portal = Portal(tmp_path, environment=environment).start()
        stack.callback(portal.stop)
        yield Caller(portal)


def test_a_person_goes_from_identify_to_erased(caller: Caller) -> None:
    person = "seven types / 1"
    traits = {
        "email": "ann@example.com",
        "marketingPreferences": {"channels": [{"channel": "email", "subscribed": True}]},
    }
    first = caller.track("identify", {"userId": person, "event": "identify", "traits": traits})
    assert caller.status(first) == "stored"

    untracked = caller.regulate("no_track", person)
    assert untracked["status"] == "finished"
    assert untracked["steps"][0]["event_id"], "the identify update was answered with an eventId"
    page = {"userId": person, "event": "page"}
    assert caller.status(caller.track("page", page)) == "not_tracked"
    assert caller.regulate("track", person)["status"] == "finished"
    assert caller.status(caller.track("page", page)) == "stored"

    access = caller.regulate("access", person)
    assert access["status"] == "finished"
    answer = caller.api("GET", f"regulations/{access['id']}/export/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as export:
        assert export.testzip() is None
        lines = [json.loads(line) for line in export.read("events.jsonl").splitlines()]
    assert first in {line["eventId"] for line in lines}
    assert {line["userId"] for line in lines} == {person}

    assert caller.regulate("suppress", person)["status"] == "finished"
    assert caller.status(caller.track("page", page)) == "suppressed"
    subject = caller.subject(person)
    assert subject["suppressed"]
    assert {channel["subscribed"] for channel in subject["channels"]} == {False}
    assert caller.regulate("unsuppress", person)["status"] == "finished"
    assert caller.status(caller.track("page", page)) == "stored"
    assert caller.regulate("suppress", person)["status"] == "finished"
    assert caller.regulate("delete", person)["status"] == "finished"
    assert caller.status(first) == "404"

    assert caller.regulate("unsuppress", person)["status"] == "finished"
    last = caller.track("page", page)
    erased = caller.regulate("suppress_and_delete", person)
    assert erased["status"] == "finished"
    assert erased["user_id"] is None
    by_action = {step["action"]: step for step in erased["steps"]}
    assert by_action["erase"]["result"] == "erased_and_checked"
    assert by_action["notify"]["result"] == "notified"
    assert caller.status(last) == "404"
    assert caller.status(caller.track("page", page)) == "suppressed"
    assert caller.api("GET", f"regulations/{access['id']}/export/").status_code == 410
    assert caller.subject(person)["user_id"] is None
