"""The lifecycle: order per subject, cancelling, retrying (contract G3, G4)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from privacy_portal.audit.models import Entry as AuditEntry
from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from regulations.engine import Progress, conclude
from regulations.models import Regulation, RegulationStatus, Step, StepStatus
from tests.factories.events import track
from tests.factories.regulations import DPO, ask, begin, carry_out
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def code_of(refusal: pytest.ExceptionInfo[Conflict]) -> str:
    return refusal.value.code


def test_a_persons_regulations_run_one_after_another(brand: Brand) -> None:
    first, second = ask(brand, "access", "u1"), ask(brand, "suppress_and_delete", "u1")
    other = ask(brand, "access", "u2")
    progress = Progress()
    while progress.work(1):
        pass
    assert {r.pk: r.status for r in Regulation.objects.all()} == {
        first.pk: "running", second.pk: "scheduled", other.pk: "running",
    }  # fmt: skip
    assert set(Step.objects.due(timezone.now()).values_list("regulation_id", flat=True)) == {first.pk, other.pk}


def test_an_open_access_finishes_before_the_erasure_starts(brand: Brand) -> None:
    track(brand, "u1")
    access, erasure = ask(brand, "access", "u1"), ask(brand, "suppress_and_delete", "u1")
    carry_out(erasure)
    access.refresh_from_db()
    erasure.refresh_from_db()
    assert (access.status, erasure.status) == ("finished", "finished")
    assert access.finished_at is not None
    assert erasure.started_at is not None
    assert access.finished_at <= erasure.started_at
    assert access.steps.get().counts["events"] == 1


def test_the_database_allows_one_running_regulation_per_person(brand: Brand) -> None:
    first, second = ask(brand, "access", "u1"), ask(brand, "suppress", "u1")
    begin(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Regulation.objects.filter(pk=second.pk).update(status=RegulationStatus.RUNNING)


def test_cancel_reopens_what_this_one_closed(brand: Brand) -> None:
    ask(brand, "access", "u1")
    regulation = ask(brand, "no_track", "u1")
    regulation.cancel(DPO)
    assert regulation.status == RegulationStatus.CANCELLED
    assert not Subject.objects.get().no_track


def test_cancelling_a_suppress_tells_the_upstream_that_the_channels_stay_off(brand: Brand, upstream: Upstream) -> None:
    ask(brand, "no_track", "u1")
    ask(brand, "suppress", "u1").cancel(DPO)
    assert not Subject.objects.get().suppressed
    work_until_idle()
    told = [message["traits"].get("marketingPreferences") for message in upstream.messages]
    (preferences,) = [preferences for preferences in told if preferences]
    assert {channel["subscribed"] for channel in preferences["channels"]} == {False}


def test_cancelling_one_that_changed_no_channel_tells_nobody(brand: Brand, upstream: Upstream) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    ask(brand, "suppress_and_delete", "u1").cancel(DPO)
    work_until_idle()
    assert len(upstream.messages) == 1


def test_cancel_leaves_closed_what_another_one_closed(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    ask(brand, "access", "u1")
    ask(brand, "suppress_and_delete", "u1").cancel(DPO)
    assert Subject.objects.get().suppressed


def test_cancel_leaves_closed_what_one_that_has_ended_closed(brand: Brand) -> None:
    """The first, which closed the gate, is cancelled and the second carried out: the third has closed nothing."""
    first = ask(brand, "suppress", "u1")
    ask(brand, "unsuppress", "u1")
    second = ask(brand, "suppress", "u1")
    ask(brand, "unsuppress", "u1")
    third = ask(brand, "suppress", "u1")
    first.cancel(DPO)
    begin(second)
    Step.objects.filter(regulation=second).update(status="finished")
    conclude([second.pk])
    third.cancel(DPO)
    assert Subject.objects.get().suppressed


@pytest.mark.parametrize("closing", ["suppress", "suppress_and_delete"])
def test_cancel_of_what_closed_the_gate_is_refused_while_an_erasure_needs_it(brand: Brand, closing: str) -> None:
    ask(brand, "access", "u1")
    closed = ask(brand, closing, "u1")
    erasure = ask(brand, "delete", "u1")
    with pytest.raises(Conflict) as refusal:
        closed.cancel(DPO)
    assert code_of(refusal) == "erasure_open"
    assert Subject.objects.get().suppressed
    erasure.cancel(DPO)
    closed.cancel(DPO)
    assert not Subject.objects.get().suppressed


def test_one_of_two_erasures_is_cancelled_where_the_gate_stays_closed(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    ask(brand, "delete", "u1")
    ask(brand, "suppress_and_delete", "u1").cancel(DPO)
    assert Subject.objects.get().suppressed


def test_what_runs_or_has_ended_is_not_cancelled(brand: Brand) -> None:
    regulation = ask(brand, "suppress", "u1")
    begin(regulation)
    with pytest.raises(Conflict) as refusal:
        regulation.cancel(DPO)
    assert code_of(refusal) == "not_cancellable"
    assert Subject.objects.get().suppressed
    carry_out(regulation)
    with pytest.raises(Conflict):
        Regulation.objects.get().cancel(DPO)


def test_a_refused_update_leaves_the_regulation_partly_done_and_retryable(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(403, {"message": "no such brand"})]
    regulation = carry_out(ask(brand, "suppress", "u1"))
    step = regulation.steps.get()
    assert (regulation.status, step.status, step.result) == ("partial", "failed", "not_reached")
    assert step.last_error == "403 no such brand"
    regulation.retry(DPO)
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert len(upstream.messages) == 2
    assert len({message["messageId"] for message in upstream.messages}) == 1, "the same update, sent again"


def test_a_retried_step_without_an_update_is_given_one(brand: Brand, upstream: Upstream) -> None:
    regulation = ask(brand, "suppress", "u1")
    Regulation.objects.update(status=RegulationStatus.PARTIAL)
    Step.objects.update(status=StepStatus.FAILED)
    regulation.retry(DPO)
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert [message["messageId"] for message in upstream.messages] == [str(regulation.steps.get().identify_update_id)]


def test_who_saw_it_ended_does_not_end_it_once_it_was_retried(brand: Brand, upstream: Upstream) -> None:
    """A worker that read the steps before a retry, and comes to write only after it."""
    upstream.answers = [json_answer(403, {})]
    regulation = carry_out(ask(brand, "suppress", "u1"))
    seen = list(Regulation.objects.prefetch_related("steps"))
    regulation.retry(DPO)
    assert Regulation.objects.conclude(seen, timezone.now()) == []
    assert carry_out(regulation).status == RegulationStatus.FINISHED


def test_what_has_not_failed_is_not_retried(brand: Brand) -> None:
    regulation = ask(brand, "suppress", "u1")
    with pytest.raises(Conflict) as refusal:
        regulation.retry(DPO)
    assert code_of(refusal) == "not_retryable"


def test_a_retry_waits_its_turn(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(403, {})]
    failed = carry_out(ask(brand, "suppress", "u1"))
    begin(ask(brand, "access", "u1"))
    with pytest.raises(Conflict) as refusal:
        failed.retry(DPO)
    assert code_of(refusal) == "already_open"


def test_every_move_is_audited_by_id_alone(brand: Brand) -> None:
    regulation = carry_out(ask(brand, "suppress", "someone@example.com"))
    acts = AuditEntry.objects.filter(object_ref=str(regulation.pk)).order_by("id")
    assert [act.action for act in acts] == ["regulation.requested", "regulation.begun", "regulation.concluded"]
    assert all("someone" not in str(vars(act)) for act in AuditEntry.objects.all())


def test_overdue_is_what_still_owes_an_answer(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(403, {})]
    long_ago = timezone.now() - timedelta(days=90)
    partial = carry_out(ask(brand, "suppress", "u1", received_at=long_ago))
    carry_out(ask(brand, "suppress", "u2", received_at=long_ago))
    assert list(Regulation.objects.overdue(timezone.now())) == [partial]
