"""Asking for a regulation (contract A2, G1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from privacy_portal.timestamps import written
from regulations.models import Regulation
from tests.factories.api import Caller, pointers, refusal
from tests.rest.asking import asked

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
MEMBERS = {
    "id", "brand", "type", "status", "subject", "user_id", "user_id_kept_because", "unknown_subject", "reason",
    "intake", "ticket_ref", "language", "received_at", "created_at", "due_at", "finished_at", "steps",
}  # fmt: skip
STEP = {
    "destination", "action", "status", "result", "attempts", "counts", "last_error", "started_at", "finished_at",
    "event_id",
}  # fmt: skip


def test_it_is_accepted_and_says_where_to_follow_it(dpo: Caller, brand: Brand) -> None:
    answer = dpo.post("regulations/", asked(brand, "suppress_and_delete", reason="called us", ticket_ref="T-1"))
    body = answer.json()
    assert answer.status_code == 202
    assert answer["Location"] == f"http://testserver/api/v1/regulations/{body['id']}/"
    assert answer["Cache-Control"] == "no-store"
    assert set(body) == MEMBERS
    assert (body["brand"], body["type"], body["status"]) == (brand.path, "suppress_and_delete", "scheduled")
    assert (body["user_id"], body["reason"], body["ticket_ref"], body["intake"]) == ("u1", "called us", "T-1", None)
    assert dpo.get(answer["Location"]).json() == body


def test_its_steps_tell_everything_from_the_start(dpo: Caller, brand: Brand) -> None:
    steps = dpo.post("regulations/", asked(brand, "suppress_and_delete")).json()["steps"]
    assert {(step["destination"], step["action"]) for step in steps} == {
        ("tracking_upstream", "notify"), ("event_store", "erase"),
    }  # fmt: skip
    for step in steps:
        assert set(step) == STEP
        assert (step["status"], step["result"], step["attempts"], step["counts"]) == ("waiting", None, 0, {})


def test_a_closing_one_has_closed_the_gate_by_the_answer(dpo: Caller, brand: Brand) -> None:
    dpo.post("regulations/", asked(brand, "suppress"))
    assert Subject.objects.get().suppressed


def test_times_are_utc_with_z(dpo: Caller, brand: Brand) -> None:
    body = dpo.post("regulations/", asked(brand, received_at="2026-01-31T10:00:00+02:00")).json()
    assert body["received_at"] == "2026-01-31T08:00:00Z"
    assert body["due_at"] == "2026-03-01T00:00:00Z", "the last day is 28 February"
    assert body["created_at"].endswith("Z")


def test_it_was_received_now_unless_told(dpo: Caller, brand: Brand) -> None:
    body = dpo.post("regulations/", asked(brand)).json()
    assert body["received_at"] == body["created_at"]


def test_the_actor_is_the_token(dpo: Caller, brand: Brand) -> None:
    dpo.post("regulations/", asked(brand))
    entry = Entry.objects.get(action="regulation.requested")
    assert (entry.actor_kind, entry.actor_id) == ("api_token", str(dpo.token.pk))


@pytest.mark.parametrize("user_id", [" u1", "u1 ", "U1", "ü\n1", "x" * 256, "1", "😀"])
def test_a_user_id_is_taken_exactly_as_it_is(dpo: Caller, brand: Brand, user_id: str) -> None:
    assert dpo.post("regulations/", asked(brand, user_id=user_id)).json()["user_id"] == user_id


@pytest.mark.parametrize("user_id", [None, "", " ", "\n\t", 1, True, 1.5, [], {}, ["u1"], "x" * 257, "a\x00b"])
def test_it_refuses_what_is_no_user_id(dpo: Caller, brand: Brand, user_id: Any) -> None:
    assert pointers(dpo.post("regulations/", asked(brand, user_id=user_id))) == ["#/user_id"]
    assert not Regulation.objects.exists()


@pytest.mark.parametrize("missing", ["brand", "type", "user_id"])
def test_it_refuses_a_request_that_lacks_something(dpo: Caller, brand: Brand, missing: str) -> None:
    body = asked(brand)
    del body[missing]
    assert pointers(dpo.post("regulations/", body)) == [f"#/{missing}"]


@pytest.mark.parametrize("type_value", ["erase", "Access", "", None, 1, ["access"], {}])
def test_it_names_the_types_there_are(dpo: Caller, brand: Brand, type_value: Any) -> None:
    answer = dpo.post("regulations/", asked(brand, type_value))
    assert pointers(answer) == ["#/type"]
    if type_value:
        assert "suppress_and_delete" in answer.json()["errors"][0]["detail"]


def test_it_refuses_a_member_it_does_not_know(dpo: Caller, brand: Brand) -> None:
    answer = dpo.post("regulations/", asked(brand, recieved_at="2026-01-01T00:00:00Z"))
    assert pointers(answer) == ["#/recieved_at"]
    assert not Regulation.objects.exists(), "a mistyped member would lose legal data in silence"


@pytest.mark.parametrize("at", ["yesterday", "2026-02-30T00:00:00Z", 1, None, "", "0001-01-01T00:00:00Z"])
def test_it_refuses_what_is_no_time_of_receipt(dpo: Caller, brand: Brand, at: Any) -> None:
    assert pointers(dpo.post("regulations/", asked(brand, received_at=at))) == ["#/received_at"]


def test_it_refuses_a_receipt_in_the_future(dpo: Caller, brand: Brand) -> None:
    future = written(timezone.now() + timedelta(minutes=1))
    assert pointers(dpo.post("regulations/", asked(brand, received_at=future))) == ["#/received_at"]


def test_it_takes_a_receipt_in_the_past(dpo: Caller, brand: Brand) -> None:
    dpo.post("regulations/", asked(brand, received_at="2026-2-02 00:30:08"))
    assert Regulation.objects.get().received_at == datetime(2026, 2, 2, 0, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("member", "longest"), [("reason", 4000), ("intake", 100), ("ticket_ref", 200), ("language", 35)]
)
def test_free_text_has_a_longest_length(dpo: Caller, brand: Brand, member: str, longest: int) -> None:
    assert dpo.post("regulations/", asked(brand, **{member: "x" * longest})).status_code == 202
    assert pointers(dpo.post("regulations/", asked(brand, **{member: "x" * (longest + 1)}))) == [f"#/{member}"]
    assert pointers(dpo.post("regulations/", asked(brand, **{member: 1}))) == [f"#/{member}"]


@pytest.mark.parametrize(
    ("before", "type_value", "code"),
    [
        ((), "delete", "not_suppressed"),
        ((), "unsuppress", "not_suppressed"),
        ((), "track", "not_no_track"),
        (("access",), "access", "already_open"),
        (("suppress_and_delete",), "unsuppress", "erasure_open"),
    ],
)
def test_it_refuses_what_the_state_does_not_allow(
    dpo: Caller, brand: Brand, before: tuple[str, ...], type_value: str, code: str
) -> None:
    for earlier in before:
        dpo.post("regulations/", asked(brand, earlier))
    assert refusal(dpo.post("regulations/", asked(brand, type_value))) == (409, code)


def test_already_open_names_the_open_one(dpo: Caller, brand: Brand) -> None:
    first = dpo.post("regulations/", asked(brand)).json()
    assert dpo.post("regulations/", asked(brand)).json()["open"] == first["id"]


@pytest.mark.parametrize(("type_value", "code"), [("suppress", "already_suppressed"), ("no_track", "already_no_track")])
def test_what_is_done_already_is_refused(dpo: Caller, brand: Brand, type_value: str, code: str) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    subject.suppress()
    subject.stop_tracking()
    assert refusal(dpo.post("regulations/", asked(brand, type_value))) == (409, code)
