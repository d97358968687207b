"""Sending the failed identify update of a regulation again: both go on, and both say so (contract G3, G4, A2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from regulations import engine
from regulations.models import Regulation, RegulationStatus, Step, StepStatus
from tests.factories.api import Caller, refusal
from tests.factories.brands import make_brand
from tests.factories.regulations import ask, begin, carry_out
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
REFUSED = json_answer(403, {"message": "not you"})


@pytest.fixture
def brand(db: None, upstream: Upstream) -> Brand:
    return make_brand(upstream_url=upstream.url, upstream_token="theirs")


def refused(brand: Brand, upstream: Upstream, type_value: str = "suppress") -> tuple[Regulation, IdentifyUpdate]:
    """A regulation that is partly done: the upstream refused its update."""
    upstream.answers = [REFUSED]
    regulation = carry_out(ask(brand, type_value, "u1"))
    assert regulation.status == RegulationStatus.PARTIAL
    return regulation, IdentifyUpdate.objects.get(regulation__id=str(regulation.pk))


def told(dpo: Caller, regulation: Regulation) -> tuple[Any, Any]:
    """It and its step that tells the upstream."""
    body = dpo.get(f"regulations/{regulation.pk}/").json()
    return body, next(step for step in body["steps"] if step["action"] == "notify")


@pytest.mark.parametrize("by", ["update", "regulation"])
def test_both_go_on_whichever_is_retried(dpo: Caller, brand: Brand, upstream: Upstream, by: str) -> None:
    regulation, update = refused(brand, upstream)
    paths = {"update": f"identify-updates/{update.pk}/retry/", "regulation": f"regulations/{regulation.pk}/retry/"}
    assert dpo.post(paths.pop(by)).status_code == 200
    body, step = told(dpo, regulation)
    assert (body["status"], body["finished_at"]) == ("running", None)
    assert (step["status"], step["result"], step["finished_at"]) == ("waiting", None, None)
    assert dpo.get(f"identify-updates/{update.pk}/").json()["status"] == "waiting"
    (other,) = paths.values()
    assert refusal(dpo.post(other)) in ((409, "not_retryable"), (409, "not_failed")), "it is under way already"
    carry_out(regulation)
    body, step = told(dpo, regulation)
    assert (body["status"], step["status"], step["result"], step["last_error"]) == (
        "finished", "finished", "notified", None,
    )  # fmt: skip
    sent = dpo.get(f"identify-updates/{update.pk}/").json()
    assert (sent["status"], sent["event_id"], sent["attempts"]) == ("delivered", step["event_id"], step["attempts"])
    assert [message["messageId"] for message in upstream.messages] == [str(update.pk)] * 2
    assert Entry.objects.filter(action="regulation.retried", object_ref=str(regulation.pk)).count() == 1


def test_one_that_is_refused_again_is_partly_done_again(dpo: Caller, brand: Brand, upstream: Upstream) -> None:
    regulation, update = refused(brand, upstream)
    upstream.answers = [json_answer(400, {"message": "no"})]
    dpo.post(f"identify-updates/{update.pk}/retry/")
    carry_out(regulation)
    body, step = told(dpo, regulation)
    assert (body["status"], step["status"], step["result"]) == ("partial", "failed", "not_reached")
    assert (step["last_error"], step["attempts"]) == ("400 no", 2)
    assert dpo.post(f"regulations/{regulation.pk}/retry/").status_code == 200


def test_an_erasure_ends_with_it(dpo: Caller, brand: Brand, upstream: Upstream) -> None:
    regulation, update = refused(brand, upstream, "suppress_and_delete")
    dpo.post(f"identify-updates/{update.pk}/retry/")
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert Subject.objects.get().user_id is None


def test_what_a_later_one_undid_is_not_told_any_more(dpo: Caller, brand: Brand, upstream: Upstream) -> None:
    _, update = refused(brand, upstream)
    carry_out(ask(brand, "unsuppress", "u1"))
    assert_refused(dpo, update, "superseded")


def test_it_waits_for_another_that_runs(dpo: Caller, brand: Brand, upstream: Upstream) -> None:
    _, update = refused(brand, upstream)
    begin(ask(brand, "access", "u1"))
    assert_refused(dpo, update, "already_open")


def test_one_of_a_regulation_that_gave_way_is_not_sent(dpo: Caller, brand: Brand, upstream: Upstream) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    opening = ask(brand, "unsuppress", "u1")
    engine.begin(1)
    upstream.answers = [REFUSED]
    carry_out(ask(brand, "suppress", "u1"))
    assert dpo.get(f"regulations/{opening.pk}/").json()["status"] == "cancelled"
    update = IdentifyUpdate.objects.get(status="failed")
    assert_refused(dpo, update, "not_retryable")
    carry_out(ask(brand, "unsuppress", "u1"))
    assert_refused(dpo, update, "not_retryable")


def test_one_of_a_regulation_that_still_runs_is_sent(dpo: Caller, brand: Brand, upstream: Upstream) -> None:
    """Another step is tried again for long: telling the upstream need not wait for that."""
    upstream.answers = [REFUSED]
    regulation = ask(brand, "suppress_and_delete", "u1")
    engine.begin(1)
    erasing = Step.objects.filter(action="erase")
    erasing.update(status=StepStatus.RETRYING, due_at=timezone.now() + timedelta(hours=1))
    carry_out(regulation)
    body, step = told(dpo, regulation)
    assert (body["status"], step["status"]) == ("running", "failed")
    assert dpo.post(f"identify-updates/{IdentifyUpdate.objects.get().pk}/retry/").status_code == 200
    carry_out(regulation)
    body, step = told(dpo, regulation)
    assert (body["status"], step["status"], step["result"]) == ("running", "finished", "notified")
    erasing.update(due_at=timezone.now())
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert Subject.objects.get().user_id is None


def assert_refused(dpo: Caller, update: IdentifyUpdate, code: str) -> None:
    """Nothing has moved then."""
    before = list(Regulation.objects.order_by("id").values_list("status", flat=True))
    assert refusal(dpo.post(f"identify-updates/{update.pk}/retry/")) == (409, code)
    update.refresh_from_db()
    assert update.status == "failed"
    assert list(Regulation.objects.order_by("id").values_list("status", flat=True)) == before
