"""How far an event or an identify update has come (contract A2, T11, G6)."""

from threading import Event
from typing import Any

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.status import status_of
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus
from regulations.models import Regulation
from tests.factories.api import Caller, refusal
from tests.factories.events import send, track
from tests.factories.regulations import DPO, ask, carry_out
from tests.factories.updates import make_due, workers
from tests.upstream.server import held_until, json_answer, serve
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_an_event_is_told_as_on_the_tracking_door(auditor: Caller, brand: Brand) -> None:
    event_id = track(brand, "u1")
    body = auditor.get(f"events/{event_id}/").json()
    assert body == status_of(event_id)
    assert (body["eventId"], body["status"], body["calls"]) == (str(event_id), "stored", [])


def test_a_batch_tells_its_calls(support: Caller, brand: Brand) -> None:
    batch = send(brand, "batch", {"batch": [{"userId": "u1", "event": "A"}, {"userId": "u1", "event": "B"}]})
    assert [call["action"] for call in support.get(f"events/{batch}/").json()["calls"]] == ["track", "track"]


def test_a_gated_event_says_so(support: Caller, brand: Brand) -> None:
    ask(brand, "suppress", "u1")
    assert support.get(f"events/{track(brand, 'u1')}/").json()["status"] == "suppressed"


@pytest.fixture
def update(brand: Brand) -> IdentifyUpdate:
    return IdentifyUpdate.objects.announce(Subject.objects.ensure(brand, "u1")[0], channels=True)


def test_an_update_is_shown_with_every_member(support: Caller, update: IdentifyUpdate) -> None:
    body = support.get(f"identify-updates/{update.pk}/").json()
    assert body.pop("created_at").endswith("Z")
    assert body == {
        "id": str(update.pk), "subject": str(update.subject_id), "status": "waiting", "event_id": None,
        "upstream_status": None, "attempts": 0, "last_error": None, "delivered_at": None,
    }  # fmt: skip


def test_updates_are_filtered(support: Caller, brand: Brand, update: IdentifyUpdate) -> None:
    other = IdentifyUpdate.objects.announce(Subject.objects.ensure(brand, "u2")[0], channels=True)
    IdentifyUpdate.objects.filter(pk=other.pk).update(status=UpdateStatus.FAILED)
    for parameters, expected in (
        ({}, [other, update]),
        ({"subject": update.subject_id}, [update]),
        ({"status": "failed"}, [other]),
        ({"brand": brand.path, "status": "delivered"}, []),
    ):
        rows = support.get("identify-updates/", parameters).json()["results"]
        assert [row["id"] for row in rows] == [str(one.pk) for one in expected], parameters


def test_one_that_failed_is_sent_again(dpo: Caller, update: IdentifyUpdate) -> None:
    IdentifyUpdate.objects.filter(pk=update.pk).update(status=UpdateStatus.FAILED, last_error="400 no")
    answer = dpo.post(f"identify-updates/{update.pk}/retry/")
    assert (answer.status_code, answer.json()["status"]) == (200, "waiting")


def test_one_that_did_not_fail_is_not(dpo: Caller, update: IdentifyUpdate) -> None:
    assert refusal(dpo.post(f"identify-updates/{update.pk}/retry/")) == (409, "not_failed")


def steps_of(caller: Caller, regulation: Regulation) -> tuple[Any, Any]:
    """What the regulation's one step and its update say."""
    (step,) = caller.get(f"regulations/{regulation.pk}/").json()["steps"]
    update = caller.get(f"identify-updates/{regulation.steps.get().identify_update_id}/").json()
    return step, update


def test_a_step_says_how_far_its_update_is(support: Caller, brand: Brand) -> None:
    with serve() as upstream:
        brand.configure({"upstream_url": upstream.url, "upstream_token": "theirs"}, DPO)
        upstream.answers = [json_answer(500, {}), json_answer(503, {"message": "closed"})]
        regulation = ask(brand, "no_track", "u1")
        for attempts, error in ((1, "500"), (2, "503 closed")):
            carry_out(regulation)
            step, update = steps_of(support, regulation)
            assert (step["status"], step["attempts"], step["last_error"]) == ("retrying", attempts, error)
            assert (update["status"], update["attempts"], update["last_error"]) == ("retrying", attempts, error)
            assert (step["result"], step["finished_at"]) == (None, None)
            make_due(IdentifyUpdate.objects.get())
        carry_out(regulation)
        step, update = steps_of(support, regulation)
    assert (step["status"], step["result"], step["attempts"], step["last_error"]) == ("finished", "notified", 3, None)
    assert (step["event_id"], update["attempts"]) == (update["event_id"], 3)


def test_a_step_runs_while_its_update_is_being_sent(support: Caller, brand: Brand) -> None:
    release = Event()
    with serve() as upstream:
        brand.configure({"upstream_url": upstream.url, "upstream_token": "theirs"}, DPO)
        upstream.answers = [held_until(release)]
        regulation = ask(brand, "no_track", "u1")
        with workers(1):
            until(lambda: upstream.messages, what="the update on its way")
            step, update = steps_of(support, regulation)
            release.set()
    assert (update["status"], step["status"], step["attempts"]) == ("sending", "running", 1)


def test_a_step_that_failed_says_how_often_it_was_tried(support: Caller, brand: Brand) -> None:
    with serve() as upstream:
        brand.configure({"upstream_url": upstream.url, "upstream_token": "theirs"}, DPO)
        upstream.answers = [json_answer(500, {}), json_answer(403, {"message": "not you"})]
        regulation = carry_out(ask(brand, "no_track", "u1"))
        make_due(IdentifyUpdate.objects.get())
        carry_out(regulation)
        step, _ = steps_of(support, regulation)
    assert (step["status"], step["attempts"], step["last_error"]) == ("failed", 2, "403 not you")


def test_one_about_someone_erased_is_not(dpo: Caller, update: IdentifyUpdate) -> None:
    IdentifyUpdate.objects.filter(pk=update.pk).update(status=UpdateStatus.FAILED)
    update.subject.forget(update.created_at)
    assert refusal(dpo.post(f"identify-updates/{update.pk}/retry/")) == (409, "erased")
