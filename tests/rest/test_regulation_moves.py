"""Following, cancelling and retrying a regulation (contract A2, G3, G10)."""

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.durable.registry import kinds
from privacy_portal.subjects.models import Subject
from regulations.models import Regulation, RegulationStatus, Step, StepStatus
from tests.factories.api import Caller, refusal
from tests.factories.brands import make_brand
from tests.factories.regulations import ask, begin, carry_out
from tests.upstream.server import serve

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_one_that_waits_is_cancelled_and_the_gate_reopens(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "suppress", "u1")
    answer = dpo.post(f"regulations/{regulation.pk}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert not Subject.objects.get().suppressed


def test_one_that_has_ended_is_not_cancelled(dpo: Caller, brand: Brand) -> None:
    regulation = carry_out(ask(brand, "access", "u1"))
    assert refusal(dpo.post(f"regulations/{regulation.pk}/cancel/")) == (409, "not_cancellable")


def test_one_that_did_not_fail_is_not_retried(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    assert refusal(dpo.post(f"regulations/{regulation.pk}/retry/")) == (409, "not_retryable")


def test_a_retry_of_what_was_cancelled_or_finished_is_refused_for_that_whatever_came_later(
    dpo: Caller, brand: Brand
) -> None:
    with serve() as upstream:
        brand.configure({"upstream_url": upstream.url, "upstream_token": "theirs"}, dpo.token.actor)
        finished = carry_out(ask(brand, "suppress", "u1"))
        cancelled = ask(brand, "unsuppress", "u1")
        later = ask(brand, "suppress", "u1")

        def refused(*regulations: Regulation) -> None:
            for regulation in regulations:
                assert refusal(dpo.post(f"regulations/{regulation.pk}/retry/")) == (409, "not_retryable")

        refused(finished, cancelled)
        begin(later)
        refused(finished, cancelled, later)
        carry_out(later)
        refused(finished, cancelled, later)
        carry_out(ask(brand, "unsuppress", "u1"))
        refused(finished, cancelled, later)


def test_one_that_runs_is_not_cancelled_also_when_an_erasure_waits_behind_it(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "suppress", "u1")
    begin(regulation)
    ask(brand, "delete", "u1")
    assert refusal(dpo.post(f"regulations/{regulation.pk}/cancel/")) == (409, "not_cancellable")


def test_one_that_failed_is_retried_with_the_steps_that_did_not_finish(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    Regulation.objects.filter(pk=regulation.pk).update(status=RegulationStatus.FAILED)
    Step.objects.filter(regulation=regulation).update(status=StepStatus.FAILED)
    answer = dpo.post(f"regulations/{regulation.pk}/retry/")
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert [step["status"] for step in answer.json()["steps"]] == ["waiting"]


def test_after_an_erasure_it_names_nobody(dpo: Caller, brand: Brand) -> None:
    with serve() as upstream:
        brand.configure({"upstream_url": upstream.url, "upstream_token": "theirs"}, dpo.token.actor)
        regulation = carry_out(ask(brand, "suppress_and_delete", "u1", reason="private", ticket_ref="T-1"))
    body = dpo.get(f"regulations/{regulation.pk}/").json()
    assert body["status"] == "finished"
    assert [body[name] for name in ("user_id", "user_id_kept_because", "reason", "ticket_ref")] == [None] * 4
    assert {step["result"] for step in body["steps"]} == {"notified", "erased_and_checked"}
    assert [step["event_id"] for step in body["steps"] if step["action"] == "notify"] != [None]


def test_who_asks_again_after_an_erasure_is_named_by_that_request_alone(dpo: Caller) -> None:
    with serve() as upstream:
        brand = make_brand(upstream_url=upstream.url, upstream_token="theirs")
        dpo.token.brands.add(brand)
        erased = carry_out(ask(brand, "suppress_and_delete", "u1"))
    again = ask(brand, "access", "u1")
    body = dpo.get(f"regulations/{again.pk}/").json()
    assert (body["user_id"], body["user_id_kept_because"]) == ("u1", "request_unfinished")
    assert dpo.get(f"regulations/{erased.pk}/").json()["user_id"] is None
    carry_out(again)
    body = dpo.get(f"regulations/{again.pk}/").json()
    assert (body["user_id"], body["user_id_kept_because"]) == (None, None)


def test_one_asked_for_while_the_erasure_ran_says_why_it_knows_them_until_it_ends(dpo: Caller) -> None:
    with serve() as upstream:
        brand = make_brand(upstream_url=upstream.url, upstream_token="theirs")
        dpo.token.brands.add(brand)
        erasure = ask(brand, "suppress_and_delete", "u1")
        assert begin(erasure)
        later = ask(brand, "access", "u1", reason="private")
        end_what_has_begun()
    bodies = {each: dpo.get(f"regulations/{each.pk}/").json() for each in (erasure, later)}
    assert [body["status"] for body in bodies.values()] == ["finished", "scheduled"]
    told = [(body["user_id"], body["user_id_kept_because"], body["reason"]) for body in bodies.values()]
    assert told == [(None, None, None), ("u1", "request_unfinished", None)]
    carry_out(later)
    body = dpo.get(f"regulations/{later.pk}/").json()
    assert (body["status"], body["user_id"], body["user_id_kept_because"]) == ("finished", None, None)


def end_what_has_begun() -> None:
    """Carry it out, and begin nothing else: that is another worker's, who has no time."""
    while any(kind.work(20) for kind in kinds if kind.name != "regulation"):
        pass


def test_an_earlier_regulation_stays_nameless_when_the_gate_opens_again(dpo: Caller) -> None:
    with serve() as upstream:
        brand = make_brand(upstream_url=upstream.url, upstream_token="theirs")
        dpo.token.brands.add(brand)
        erased = carry_out(ask(brand, "suppress_and_delete", "u1"))
        opened = carry_out(ask(brand, "unsuppress", "u1"))
    assert dpo.get(f"regulations/{opened.pk}/").json()["user_id"] == "u1"
    assert dpo.get(f"regulations/{erased.pk}/").json()["user_id"] is None


def test_an_unfinished_erasure_says_why_it_still_knows_the_user_id(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "suppress_and_delete", "u1")
    Regulation.objects.filter(pk=regulation.pk).update(status=RegulationStatus.PARTIAL)
    body = dpo.get(f"regulations/{regulation.pk}/").json()
    assert (body["user_id"], body["user_id_kept_because"]) == ("u1", "erasure_unfinished")
