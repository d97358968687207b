"""Asking for, following, cancelling, retrying and downloading."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand, Role
from privacy_portal.storage import storage
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.models import Regulation, RegulationStatus, Step
from tests.console.conftest import SignIn
from tests.factories.brands import make_brand
from tests.factories.events import identify
from tests.factories.regulations import ask, carry_out
from tests.pages import check_page, plain
from tests.upstream.server import json_answer, serve

pytestmark = pytest.mark.django_db
ADD = "/admin/regulations/regulation/add/"


def page(regulation: Regulation, verb: str = "change") -> str:
    return reverse(f"admin:regulations_regulation_{verb}", args=[regulation.pk])


def test_a_request_is_made_with_all_that_was_said(brand: Brand, sign_in: SignIn) -> None:
    form = {"brand": brand.pk, "user_id": " Maria ", "type": "suppress", "received_at": "2026-01-31T09:30",
            "reason": "By letter", "ticket_ref": "T-1"}  # fmt: skip
    answer = sign_in(Role.DPO, brand).post(ADD, form)
    made = Regulation.objects.get()
    assert answer.headers["Location"] == page(made)
    assert made.subject.clear_user_id == " Maria "
    assert (made.reason, made.ticket_ref) == ("By letter", "T-1")
    assert made.received_at == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)


def test_the_deadline_is_shown_as_the_day_it_ends_with_in_the_brands_zone(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(brand, "suppress", "maria", received_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    html = sign_in().get(page(regulation)).content.decode()
    assert "end of 28 Feb 2026" in plain(html)
    assert "31 Jan 2026, 13:00 CET" in plain(html)


@pytest.mark.parametrize(
    ("kind", "code"), [("suppress", "already_open"), ("delete", "not_suppressed"), ("track", "not_no_track")]
)
def test_a_broken_rule_is_named_on_the_form(brand: Brand, sign_in: SignIn, kind: str, code: str) -> None:
    if kind == "suppress":
        ask(brand, "suppress", "maria")
    answer = sign_in().post(ADD, {"brand": brand.pk, "user_id": "maria", "type": kind})
    assert answer.status_code == 422
    assert f"rule: {code}" in plain(answer.content.decode())
    check_page(answer.content.decode())


@pytest.mark.parametrize(
    "form",
    [
        {"user_id": "   "}, {"user_id": "x" * 257}, {"type": "x"}, {"reason": "x" * 4001},
        *({"received_at": f"{year}-01-01T00:00"} for year in ("2999", "0001", "0026", "1969")),
    ],
)  # fmt: skip
def test_it_refuses_what_the_contract_refuses(brand: Brand, sign_in: SignIn, form: dict[str, str]) -> None:
    answer = sign_in().post(ADD, {"brand": brand.pk, "user_id": "maria", "type": "suppress", **form})
    assert answer.status_code == 422
    assert not Regulation.objects.exists()


def test_cancelling_reopens_what_it_closed(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(brand, "suppress", "maria")
    answer = sign_in(Role.DPO).post(page(regulation, "cancel"), follow=True)
    assert "The gate is open again" in plain(answer.content.decode())
    regulation.refresh_from_db()
    assert regulation.status == RegulationStatus.CANCELLED


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (["unsuppress", "suppress"], "Cancelled. The person is still suppressed, by another regulation."),
        (["no_track"], "Cancelled. The person is still not tracked, by another regulation."),
    ],
)
def test_it_says_so_when_cancelling_reopened_nothing(
    brand: Brand, sign_in: SignIn, others: list[str], told: str
) -> None:
    ask(brand, "access", "maria")
    regulation = ask(brand, "suppress", "maria")
    for other in others:
        ask(brand, other, "maria")
    text = plain(sign_in(Role.DPO).post(page(regulation, "cancel"), follow=True).content.decode())
    assert told in text
    assert "open again" not in text


def test_a_refusal_of_the_model_is_shown_as_a_message(brand: Brand, sign_in: SignIn) -> None:
    regulation = carry_out(ask(brand, "access", "maria"))
    answer = sign_in().post(page(regulation, "cancel"), follow=True)
    assert "Only a regulation that is not yet running can be cancelled" in plain(answer.content.decode())
    answer = sign_in().post(page(regulation, "retry"), follow=True)
    assert "Only a regulation that is partly done or failed" in plain(answer.content.decode())


def test_actions_are_done_by_post_alone(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(brand, "suppress", "maria")
    for verb in ("cancel", "retry", "reveal"):
        assert sign_in().get(page(regulation, verb)).headers["Location"] == page(regulation)
    assert Regulation.objects.get().status == RegulationStatus.SCHEDULED
    assert not Entry.objects.filter(action__in=["regulation.cancelled", "subject.revealed"]).exists()


@pytest.mark.django_db(transaction=True)
def test_a_partly_done_one_says_what_failed_and_is_retried(sign_in: SignIn) -> None:
    with serve() as upstream:
        upstream.answers.append(json_answer(400, {"success": False}))
        brand = make_brand(upstream_url=upstream.url, upstream_token="t")
        regulation = carry_out(ask(brand, "no_track", "maria"))
        client = sign_in(Role.DPO)
        assert "Partly done" in plain(client.get(page(regulation)).content.decode())
        assert "Retry" in plain(client.get("/admin/").content.decode())
        client.post(page(regulation, "retry"))
        assert carry_out(regulation).status == RegulationStatus.FINISHED


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_a_step_is_as_far_as_the_update_it_rests_for_on_every_page(sign_in: SignIn) -> None:
    """As over REST: an upstream that has been away for hours is not "waiting, never tried"."""
    with serve() as upstream:
        upstream.answers += [json_answer(503, {"message": "later"})] * 9
        brand, client = make_brand(upstream_url=upstream.url, upstream_token="t"), sign_in()
        regulation = carry_out(ask(brand, "no_track", "maria"))
        step = regulation.steps.select_related("identify_update").get()
        assert (step.status, step.told_status, step.attempted.attempts) == ("waiting", "retrying", 1)
        resting = ask(make_brand(), "suppress", "jonas").steps.get()

        def listed(chosen: str) -> list[Step]:
            answer = client.get(reverse("admin:regulations_step_changelist"), {"state": chosen})
            check_page(answer.content.decode())
            return list(answer.context["cl"].result_list)

        pages = [page(regulation), reverse("admin:regulations_step_change", args=[step.pk])]
        for url in [*pages, reverse("admin:regulations_step_changelist") + "?state=retrying"]:
            text = plain(client.get(url).content.decode())
            assert "Retrying" in text, url
            assert step.attempted.last_error in text, url
        assert "Retrying – 503 later 1" in plain(client.get(pages[0]).content.decode())
        assert (listed("retrying"), listed("waiting"), listed("running")) == ([step], [resting], [])
        IdentifyUpdate.objects.filter(pk=step.identify_update_id).update(status="sending")
        assert (listed("retrying"), listed("waiting"), listed("running")) == ([], [resting], [step])


def test_the_page_tells_steps_counts_and_history(brand: Brand, sign_in: SignIn) -> None:
    identify(brand, "maria")
    regulation = carry_out(ask(brand, "access", "maria"))
    text = plain(sign_in().get(page(regulation)).content.decode())
    for words in ("Collect: Event store", "Collected", "Requested", "Begun", "Concluded", "not handed over yet"):
        assert words in text


def test_a_download_is_a_post_and_noted(brand: Brand, sign_in: SignIn) -> None:
    regulation = carry_out(ask(brand, "access", "maria"))
    client, url = sign_in(Role.DPO), reverse("admin:regulations_export_download", args=[regulation.export.pk])
    assert client.get(url).status_code == 302
    assert not Entry.objects.filter(action="export.downloaded").exists()
    answer = client.post(url)
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert Entry.objects.filter(action="export.downloaded", subject_ref=regulation.subject_id).count() == 1
    assert "Done in time" in plain(client.get(page(regulation)).content.decode())
    assert "Not yet" not in plain(client.get(url.replace("download", "change")).content.decode())


def test_a_download_whose_file_has_just_gone_says_so(brand: Brand, sign_in: SignIn) -> None:
    export = carry_out(ask(brand, "access", "maria")).export
    storage().delete(export.name)
    answer = sign_in(Role.DPO).post(reverse("admin:regulations_export_download", args=[export.pk]), follow=True)
    assert "This export is gone" in plain(answer.content.decode())
    assert not Entry.objects.filter(action="export.downloaded").exists()
