"""What a later request replaced is not owed any more; what was not erased is (contract G3, G10)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.engine import updates_owed
from regulations.models import Regulation, RegulationStatus, Step, StepStatus
from tests.factories.api import caller, refusal
from tests.factories.events import track
from tests.factories.regulations import DPO, REPLACED, ask, carry_out, replaced
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("first", "second", "code"), REPLACED)
def test_nothing_is_owed_of_it_and_neither_way_tells_it(upstream: Upstream, first: str, second: str, code: str) -> None:
    regulation, dpo = replaced(upstream, first, second), caller()
    assert dpo.get("regulations/", {"overdue": "true"}).json()["results"] == []
    (update,) = IdentifyUpdate.objects.filter(status="failed")
    assert not updates_owed().exists()
    for path in (f"regulations/{regulation.pk}/retry/", f"identify-updates/{update.pk}/retry/"):
        assert refusal(dpo.post(path)) == (409, code)
    body = dpo.get(f"regulations/{regulation.pk}/").json()
    assert (body["status"], body["user_id_kept_because"]) == ("partial", None)


def test_who_was_erased_and_asks_again_brings_it_not_back(upstream: Upstream) -> None:
    regulation, dpo = replaced(upstream, "suppress_and_delete", "suppress_and_delete"), caller()
    ask(regulation.brand, "access", "u1")
    (update,) = IdentifyUpdate.objects.filter(status="failed")
    assert dpo.get("regulations/", {"overdue": "true"}).json()["results"] == []
    assert not updates_owed().exists()
    for path in (f"regulations/{regulation.pk}/retry/", f"identify-updates/{update.pk}/retry/"):
        assert refusal(dpo.post(path)) == (409, "erased")


def left_unerased(brand: Brand) -> Regulation:
    regulation = carry_out(ask(brand, "suppress_and_delete", "u1"))
    regulation.steps.filter(action="erase").update(status=StepStatus.FAILED, result="not_reached")
    Regulation.objects.filter(pk=regulation.pk).update(status=RegulationStatus.PARTIAL, due_at=timezone.now())
    return regulation


def test_an_erasure_that_did_not_reach_a_destination_is_owed_though_the_person_is_erased(brand: Brand) -> None:
    regulation = left_unerased(brand)
    carry_out(ask(brand, "delete", "u1"))
    assert list(Regulation.objects.overdue(timezone.now())) == [regulation]
    regulation.steps.filter(action="notify").update(status=StepStatus.FAILED, identify_update=None)
    regulation.retry(DPO)
    assert carry_out(regulation).status == RegulationStatus.PARTIAL
    assert dict(Step.objects.filter(regulation=regulation).values_list("action", "status")) == {
        "erase": "finished", "notify": "failed",
    }  # fmt: skip
    assert not Regulation.objects.owed().exists(), "all that is left is to tell about nobody"


def test_an_erasure_that_did_not_reach_a_destination_is_owed_after_the_gate_was_opened(brand: Brand) -> None:
    regulation = left_unerased(brand)
    carry_out(ask(brand, "unsuppress", "u1"))
    assert list(Regulation.objects.overdue(timezone.now())) == [regulation]
    with pytest.raises(Conflict) as refused:
        regulation.retry(DPO)
    assert refused.value.code == "superseded"
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    regulation.retry(DPO)
    assert carry_out(regulation).status == RegulationStatus.FINISHED


def test_what_failed_to_be_collected_is_owed_and_can_be_retried_after_an_erasure(brand: Brand) -> None:
    access = ask(brand, "access", "u1")
    Step.objects.update(status=StepStatus.FAILED)
    Regulation.objects.update(status=RegulationStatus.FAILED, finished_at=timezone.now())
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    assert list(Regulation.objects.owed()) == [access]
    access.refresh_from_db()
    access.retry(DPO)
    assert carry_out(access).status == RegulationStatus.FINISHED


def refused_then_opened(brand: Brand, upstream: Upstream, first: str, opening: str) -> Regulation:
    """A partial one, which the upstream refused to hear of, and which was undone."""
    upstream.answers = [json_answer(400, {})]
    regulation = carry_out(ask(brand, first, "u1", received_at=timezone.now() - timedelta(days=90)))
    assert carry_out(ask(brand, opening, "u1")).status == RegulationStatus.FINISHED
    return regulation


def test_an_erasure_that_was_undone_stays_so_when_the_gate_closes_again(brand: Brand, upstream: Upstream) -> None:
    """Suppress keeps what is stored: an erasure of before must not say of that that it is gone."""
    regulation = refused_then_opened(brand, upstream, "suppress_and_delete", "unsuppress")
    event_id = track(brand, "u1")
    carry_out(ask(brand, "suppress", "u1"))
    dpo = caller()
    assert dpo.get("regulations/", {"overdue": "true"}).json()["results"] == []
    (update,) = IdentifyUpdate.objects.filter(status="failed")
    for path in (f"regulations/{regulation.pk}/retry/", f"identify-updates/{update.pk}/retry/"):
        assert refusal(dpo.post(path)) == (409, "superseded")
    assert carry_out(regulation).status == RegulationStatus.PARTIAL
    assert Event.objects.get(event_id=event_id).status == "stored"
    assert Subject.objects.get().clear_user_id == "u1"


def test_one_that_was_undone_keeps_no_user_id_when_the_gate_closes_again(brand: Brand, upstream: Upstream) -> None:
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    refused_then_opened(brand, upstream, "no_track", "track")
    carry_out(ask(brand, "no_track", "u1"))
    assert Subject.objects.get().user_id is None


def test_what_opened_the_gate_holds_again_when_a_later_closing_is_cancelled(brand: Brand, upstream: Upstream) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    upstream.answers = [json_answer(400, {})]
    opened = carry_out(ask(brand, "unsuppress", "u1"))
    closing = ask(brand, "suppress", "u1")
    with pytest.raises(Conflict) as refused:
        opened.retry(DPO)
    assert refused.value.code == "superseded"
    closing.cancel(DPO)
    opened.retry(DPO)
    assert carry_out(opened).status == RegulationStatus.FINISHED
