"""Delete, and Suppress and Delete: what goes, what stays, and what never comes back (contract G10)."""

import threading
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent.models import Entry, Evidence
from privacy_portal.durable.registry import kinds
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.engine import conclude
from regulations.models import Regulation, RegulationStatus, Step, StepStatus
from regulations.models.regulation import RETRYABLE
from tests.factories.events import identify, send, track
from tests.factories.exports import access, opened
from tests.factories.regulations import DPO, ask, begin, carry_out
from tests.factories.updates import announce, attempt, workers
from tests.upstream.server import Upstream, held_until, json_answer
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def erase(brand: Brand, user_id: str = "u1", **intake: object) -> Regulation:
    regulation = carry_out(ask(brand, "suppress_and_delete", user_id, **intake))
    assert regulation.status == RegulationStatus.FINISHED
    return regulation


def give_up(regulation: Regulation) -> None:
    """As if all its destinations had given up."""
    Step.objects.filter(regulation=regulation).update(status=StepStatus.FAILED)
    Regulation.objects.filter(pk=regulation.pk).update(status=RegulationStatus.FAILED, finished_at=timezone.now())


def test_everything_in_clear_goes_and_is_counted(brand: Brand) -> None:
    evidence = {"collectedAt": "2020-01-01T00:00:00Z", "source": "paper form", "wording": "Yes please"}
    identify(brand, "u1", traits={"email": "ann@example.com", "phone": "+49 30 1"},
             channels=[{"channel": "email", "subscribed": True, "evidence": evidence}])  # fmt: skip
    track(brand, "u1")
    regulation = erase(brand, reason="She wrote to us", ticket_ref="T-1", intake="letter")
    step = regulation.steps.get(action="erase")
    assert (step.result, step.counts) == ("erased_and_checked", {"events": 2, "left": 0})
    assert not Event.objects.exists()
    assert not ContactPoint.objects.exists()
    assert not Evidence.objects.exists()
    assert Subject.objects.get().clear_user_id is None
    assert (regulation.reason, regulation.ticket_ref, regulation.intake) == ("", "", "")
    assert Entry.objects.exists(), "the consent proof stays, by subject id alone"


def test_a_worker_that_stood_still_marks_nobody_who_was_let_in_again(brand: Brand) -> None:
    track(brand, "u1")
    erasure = ask(brand, "suppress_and_delete", "u1")
    assert begin(erasure)
    stale = Step.objects.filter(action="erase").claim()
    assert stale
    Step.objects.filter(pk=stale.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    carry_out(erasure)
    carry_out(ask(brand, "unsuppress", "u1"))
    identify(brand, "u1", traits={"email": "ann@example.com"})
    kind = next(kind for kind in kinds if kind.name == "step")
    kind.attempt(stale, kind.perform)  # type: ignore[attr-defined]
    assert Subject.objects.get().erased_at is None
    assert (Event.objects.count(), ContactPoint.objects.count()) == (1, 1)


def test_a_late_concluder_forgets_nobody_who_was_let_in_again(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has read what is to be concluded, and is put off before it comes to this one."""
    track(brand, "u1")
    erasure = ask(brand, "suppress_and_delete", "u1")
    assert begin(erasure)
    Step.objects.update(status=StepStatus.FINISHED, finished_at=timezone.now())
    forget, late = Regulation.forget_person, [erasure]

    def put_off(regulation: Regulation, now: datetime) -> None:
        if late and late.pop():
            conclude([erasure.pk])
            carry_out(ask(brand, "unsuppress", "u1", reason="wants to be back"))
        forget(regulation, now)

    monkeypatch.setattr(Regulation, "forget_person", put_off)
    conclude([erasure.pk])
    subject = Subject.objects.get()
    assert (subject.clear_user_id, subject.erased_at, subject.suppressed) == ("u1", None, False)
    assert Regulation.objects.latest("id").reason == "wants to be back"


def test_someone_elses_events_stay(brand: Brand) -> None:
    kept = track(brand, "u2")
    track(brand, "u1")
    erase(brand)
    assert [event.event_id for event in Event.objects.all()] == [kept]


def test_devices_of_the_person_go_with_them_shared_ones_included(brand: Brand) -> None:
    track(brand, None, anonymousId="own")
    track(brand, None, anonymousId="shared")
    identify(brand, "u1", anonymousId="own")
    identify(brand, "u1", anonymousId="shared")
    theirs = identify(brand, "u2", anonymousId="shared")
    erase(brand)
    assert [event.event_id for event in Event.objects.all()] == [theirs]


def test_a_device_linked_only_by_a_public_token_is_not_taken_along(brand: Brand) -> None:
    kept = track(brand, None, anonymousId="d1")
    identify(brand, "u1", kind=TokenKind.JS_TAG, anonymousId="d1")
    erase(brand)
    assert Event.objects.filter(event_id=kept).exists()


def test_late_historical_and_future_events_stay_out(brand: Brand) -> None:
    track(brand, "u1", messageId="m1")
    erase(brand)
    for more in ({}, {"timestamp": "2001-01-01T00:00:00Z"}, {"timestamp": "2090-01-01T00:00:00Z"}, {"messageId": "m2"}):
        track(brand, "u1", **more)
    assert {event.status for event in Event.objects.all()} == {"suppressed"}
    track(brand, "u1", messageId="m1")
    assert Event.objects.count() == 4, "a replayed messageId is answered with the first eventId"


def test_a_known_device_is_gated_after_the_erasure(brand: Brand) -> None:
    identify(brand, "u1", anonymousId="d1")
    erase(brand)
    track(brand, None, anonymousId="d1")
    assert Event.objects.get().status == "suppressed"


def test_a_device_linked_only_later_is_gated_and_its_earlier_events_go(brand: Brand) -> None:
    track(brand, None, anonymousId="d1")
    erase(brand)
    identify(brand, "u1", anonymousId="d1")
    track(brand, None, anonymousId="d1")
    assert [event.status for event in Event.objects.all()] == ["suppressed", "suppressed"]
    assert not Subject.objects.exclude(user_id=None).exists()


def test_delete_needs_suppression_and_then_erases(brand: Brand) -> None:
    track(brand, "u1")
    carry_out(ask(brand, "suppress", "u1"))
    assert Event.objects.count() == 1, "suppressing deletes nothing"
    assert carry_out(ask(brand, "delete", "u1")).status == RegulationStatus.FINISHED
    assert not Event.objects.exists()
    assert Subject.objects.get().user_id is None


def test_the_user_id_is_kept_while_a_step_can_be_retried(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {"success": False, "message": "userId u1 is odd"})]
    regulation = carry_out(ask(brand, "suppress_and_delete", "u1"))
    assert regulation.status == RegulationStatus.PARTIAL
    assert Subject.objects.get().clear_user_id == "u1"
    failed = regulation.steps.get(action="notify")
    assert failed.status == "failed"
    assert failed.last_error == "400 userId [userId] is odd"
    regulation.retry(DPO)
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert Subject.objects.get().clear_user_id is None
    assert [message["userId"] for message in upstream.messages] == ["u1", "u1"]


def test_a_later_request_keeps_the_user_id_only_until_it_ends(brand: Brand) -> None:
    first = erase(brand)
    later = ask(brand, "no_track", "u1")
    assert Subject.objects.get().clear_user_id == "u1"
    carry_out(later)
    assert Subject.objects.get().clear_user_id is None
    assert later.subject_id == first.subject_id


def test_one_that_a_later_one_undid_keeps_the_user_id_no_longer(brand: Brand, upstream: Upstream) -> None:
    erase(brand)
    carry_out(ask(brand, "no_track", "u1"))
    upstream.answers = [json_answer(400, {})]
    undone = carry_out(ask(brand, "track", "u1"))
    assert (undone.status, Subject.objects.get().clear_user_id) == (RegulationStatus.PARTIAL, "u1")
    carry_out(ask(brand, "no_track", "u1"))
    assert Subject.objects.get().user_id is None


@pytest.mark.parametrize("earlier", ["suppress_and_delete", "no_track", "access"])
def test_one_that_an_erasure_overtook_does_not_keep_the_user_id_of_who_asks_again(
    brand: Brand, upstream: Upstream, earlier: str
) -> None:
    overtaken = ask(brand, earlier, "u1")
    if earlier == "access":
        give_up(overtaken)
    else:
        upstream.answers = [json_answer(400, {})]
    assert carry_out(overtaken).status in RETRYABLE
    erase(brand)
    carry_out(ask(brand, "access", "u1"))
    assert Subject.objects.get().user_id is None


def test_what_an_erasure_left_to_retry_is_told_after_the_gate_was_opened(brand: Brand, upstream: Upstream) -> None:
    """They object to tracking still, and the upstream, where they are a person like any other again, has to know."""
    upstream.answers = [json_answer(400, {})]
    untold = carry_out(ask(brand, "no_track", "u1"))
    erase(brand)
    carry_out(ask(brand, "unsuppress", "u1"))
    untold.retry(DPO)
    assert carry_out(untold).status == RegulationStatus.FINISHED
    assert upstream.messages[-1]["traits"]["regulation"]["type"] == "no_track"


@pytest.mark.parametrize("later", ["delete", "no_track"])
def test_a_later_request_that_is_open_already_can_still_name_them(brand: Brand, upstream: Upstream, later: str) -> None:
    regulations = [ask(brand, "suppress_and_delete", "u1"), ask(brand, later, "u1")]
    assert [carry_out(regulation).status for regulation in regulations] == ["finished", "finished"]
    assert [message["traits"]["regulation"]["type"] for message in upstream.messages] == ["suppress_and_delete", later]
    assert Subject.objects.get().user_id is None


def test_opening_the_gate_makes_them_a_person_like_any_other(brand: Brand) -> None:
    erase(brand)
    carry_out(ask(brand, "unsuppress", "u1"))
    stored = Event.objects.get(event_id=send(brand, "page", {"userId": "u1", "event": "page"}))
    assert stored.status == "stored"
    assert Subject.objects.get().clear_user_id == "u1"
    erase(brand)
    assert Subject.objects.get().clear_user_id is None
    assert not Event.objects.filter(status="stored").exists()


def test_an_erasure_is_not_retried_once_the_gate_was_opened(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {})]
    regulation = carry_out(ask(brand, "suppress_and_delete", "u1"))
    carry_out(ask(brand, "unsuppress", "u1"))
    with pytest.raises(Conflict) as refusal:
        regulation.retry(DPO)
    assert refusal.value.code == "superseded"


def test_what_an_upstream_said_of_the_person_goes_with_them(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {"message": "Ann Lee of Elm Street bounced"})]
    failed = attempt(announce(brand, "u1"))
    assert failed.last_error == "400 Ann Lee of Elm Street bounced"
    access = carry_out(ask(brand, "no_track", "u1"))
    access.steps.update(last_error="400 Ann Lee of Elm Street bounced")
    erase(brand)
    failed.refresh_from_db()
    assert failed.last_error == "erased with the person"
    assert access.steps.get().last_error == "erased with the person"


def test_so_do_the_ids_and_states_that_an_upstream_makes_of_a_user_id(brand: Brand, upstream: Upstream) -> None:
    own, theirs = {"success": True, "eventId": "e-1"}, {"success": True, "eventId": "ev-u1@x.example"}
    brand.configure({"upstream_status_url": f"{upstream.url}/events/{{eventId}}"}, COMMAND)
    upstream.answers[:] = [json_answer(200, theirs), json_answer(200, own), json_answer(200, own)]
    upstream.status = json_answer(200, {"status": "kept for u1%40x.example"})
    carry_out(ask(brand, "no_track", "u1@x.example"))
    update = IdentifyUpdate.objects.get()
    assert (update.event_ref, update.upstream_status) == ("ev-u1@x.example", "kept for [userId]")
    upstream.status = json_answer(200, {"status": "kept"})
    erase(brand, "u1@x.example")
    told = IdentifyUpdate.objects.order_by("id").values_list("event_ref", "upstream_status")
    assert list(told) == [("", ""), ("e-1", "kept")]


def test_a_short_user_id_takes_no_evidence_along(brand: Brand, upstream: Upstream) -> None:
    """It stands in many an eventId, and in many a word."""
    event_id = "01a22d9c-b2cd-7575-aa2f-25042ef70255"
    brand.configure({"upstream_status_url": f"{upstream.url}/events/{{eventId}}"}, COMMAND)
    upstream.answers[:] = [json_answer(200, {"success": True, "eventId": event_id})] * 2
    upstream.status = json_answer(200, {"status": "accepted"})
    erase(brand, "a")
    assert list(IdentifyUpdate.objects.values_list("event_ref", "upstream_status")) == [(event_id, "accepted")]
    erase(brand, event_id)
    assert IdentifyUpdate.objects.latest("id").event_ref == ""


@pytest.mark.parametrize("said", ["queued for Jane", "queued for johann.sebastian.bach.the.thirteenth", "JANE.DOE"])
def test_nothing_of_them_is_written_down_once_they_are_forgotten(brand: Brand, upstream: Upstream, said: str) -> None:
    """The status of an erasure's update is asked when it has ended, and the person may be forgotten by then."""
    brand.configure({"upstream_status_url": f"{upstream.url}/events/{{eventId}}"}, COMMAND)
    upstream.status = json_answer(200, {"status": said})
    erase(brand, "jane.doe")
    assert IdentifyUpdate.objects.get().upstream_status == ""


def test_a_later_export_names_them_in_no_file(brand: Brand) -> None:
    """It lies there for weeks after its request has ended, and until then only is their userId kept."""
    track(brand, "ann@example.com")
    erase(brand, "ann@example.com")
    export = access(brand, "ann@example.com")
    assert export.json("profile.json")["userId"] is None
    assert not [name for name, content in export.files.items() if b"ann@example.com" in content]
    assert Subject.objects.get().user_id is None


@pytest.mark.parametrize("asks", ["after it", "while it runs"])
def test_nor_does_it_hold_what_was_written_down_with_their_requests(brand: Brand, asks: str) -> None:
    names = ("letter of jane-1", "T-jane-1", "mail from jane@example.com", "x-jane")
    said = dict(zip(("reason", "ticket_ref", "intake", "language"), names, strict=True))
    if asks == "after it":
        erase(brand, "jane-1", **said)
        asked = ask(brand, "access", "jane-1", **said)
    else:
        erasure = ask(brand, "suppress_and_delete", "jane-1", **said)
        assert begin(erasure)
        asked = ask(brand, "access", "jane-1", **said)
    export = opened(carry_out(asked).export)
    for name, content in export.files.items():
        assert not [said for said in names if said.encode() in content], name
    told = export.json("regulations.json")["regulations"][-1]
    assert (told["reason"], told["ticketRef"], told["intake"], told["language"]) == ("", "", "", "")
    assert any("written down with requests" in gap["what"] for gap in export.json("manifest.json")["leftOut"])


def test_what_an_upstream_says_of_someone_who_was_erased_meanwhile_is_not_kept(
    brand: Brand, upstream: Upstream
) -> None:
    for status in (400, 503):
        release = threading.Event()
        upstream.answers = [held_until(release, json_answer(status, {"message": "Ann Lee of Elm Street bounced"}))]
        upstream.messages = []
        update = announce(brand, f"u{status}")
        with workers(1):
            until(lambda: upstream.messages, what="the update on its way")
            update.subject.forget(timezone.now())
            release.set()
        update.refresh_from_db()
        assert (update.status, update.last_error) == ("failed", "erased with the person")
