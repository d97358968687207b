"""The first page: what needs a human, by legal deadline, with numbers counted from rows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy_portal.audit.models import seal
from privacy_portal.brands.models import Brand, Role
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.models import Regulation, Step
from tests.console.conftest import SignIn
from tests.factories.regulations import REPLACED, ask, carry_out, replaced
from tests.pages import check_page, plain
from tests.upstream.server import Upstream

pytestmark = pytest.mark.django_db


def ago(days: int) -> dict[str, object]:
    return {"received_at": timezone.now() - timedelta(days=days)}


def test_where_nothing_happened_it_says_what_to_do_first(brand: Brand, sign_in: SignIn) -> None:
    html = sign_in().get("/admin/").content.decode()
    check_page(html)
    assert "Nothing has been asked for yet" in plain(html)
    assert "/admin/brands/authtoken/add/" in html


def test_open_requests_stand_by_deadline_and_the_late_one_says_so(brand: Brand, sign_in: SignIn) -> None:
    for name, days in (("soon", 28), ("late", 40), ("calm", 1)):
        ask(brand, "suppress", name, **ago(days))
    answer = sign_in().get("/admin/")
    told = [task.deadline.tone for task in answer.context["tasks"]]
    assert told == ["late", "soon", "calm"]
    text = plain(answer.content.decode())
    assert "overdue" in text
    assert "Follow" in text


def test_the_numbers_are_those_of_the_rows(brand: Brand, sign_in: SignIn) -> None:
    ask(brand, "suppress", "late", **ago(40))
    ask(brand, "no_track", "soon", **ago(28))
    carry_out(ask(brand, "access", "done"))
    Regulation.objects.filter(type="no_track").update(status="partial")
    update = IdentifyUpdate.objects.announce(Regulation.objects.get(type="suppress").subject, channels=True)
    IdentifyUpdate.objects.filter(pk=update.pk).update(status="failed")
    seal()
    answer = sign_in().get("/admin/")
    figures = {figure.label: figure.value for figure in answer.context["figures"]}
    assert figures == {
        "Overdue": 1,
        "Due this week": 1,
        "Open": 1,
        "Finished": 1,
        "Suppressed people": 1,
        "Failed updates": 1,
    }
    assert [figure.label for figure in answer.context["health"]] == ["Oldest job waiting", "Last audit seal"]
    assert "closes the chain" in plain(answer.content.decode())
    assert list(answer.context["failed_updates"]) == [update]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "second", "code"), REPLACED)
def test_what_a_later_request_replaced_asks_for_nobody(
    sign_in: SignIn, upstream: Upstream, first: str, second: str, code: str
) -> None:
    regulation, client = replaced(upstream, first, second), sign_in(Role.DPO)
    home = client.get("/admin/").context
    assert home["tasks"] == []
    assert {figure.label: figure.value for figure in home["figures"]} | {"Overdue": 0, "Failed updates": 0} == {
        figure.label: figure.value for figure in home["figures"]
    }
    page = client.get(reverse("admin:regulations_regulation_change", args=[regulation.pk])).content.decode()
    check_page(page)
    assert "Replaced by a later one" in plain(page)
    assert "Retry" not in plain(page)
    assert "The userId is kept" not in plain(page)


def test_an_erasure_that_the_gate_was_opened_behind_is_looked_at(brand: Brand, sign_in: SignIn) -> None:
    ask(brand, "suppress_and_delete", "maria").subject.unsuppress()
    Regulation.objects.update(status="partial")
    Step.objects.update(status="failed")
    (task,) = sign_in(Role.DPO).get("/admin/").context["tasks"]
    assert (task.action, task.why) == ("Look at it", "Not done at: Event store, Upstream")


def test_a_finished_access_asks_to_be_handed_over_until_someone_fetched_it(brand: Brand, sign_in: SignIn) -> None:
    carry_out(ask(brand, "access", "maria"))
    client = sign_in(Role.DPO)
    (task,) = client.get("/admin/").context["tasks"]
    assert task.action == "Download"
    assert b"".join(client.post(task.post).streaming_content)  # type: ignore[attr-defined]
    assert client.get("/admin/").context["tasks"] == []
    assert "every request is answered" in plain(client.get("/admin/").content.decode())


@pytest.mark.engine
def test_exports_owed_stand_by_deadline_however_many_have_been_fetched(
    brand: Brand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy_portal.console.home.SHOWN", 2)
    for number in range(3):
        carry_out(ask(brand, "access", f"in time {number}"))
    for number in range(3):
        carry_out(ask(brand, "access", f"late {number}", **ago(40 + number)))
    client = sign_in(Role.DPO)
    for late in (2, 2, 0, 0):
        page = client.get("/admin/").context
        assert [task.deadline.tone for task in page["tasks"]] == ["late"] * late or late == 0
        assert [task.action for task in page["tasks"]] == ["Download"] * 2
        assert b"".join(client.post(page["tasks"][0].post).streaming_content)  # type: ignore[attr-defined]
    assert client.get("/admin/").context["more_tasks"] == 0


@pytest.mark.engine
def test_an_export_that_nobody_fetched_is_overdue_on_the_list_in_the_numbers_and_behind_them(
    brand: Brand, sign_in: SignIn
) -> None:
    late, week = (carry_out(ask(brand, "access", name, **ago(days))) for name, days in (("late", 40), ("week", 27)))
    fetched = carry_out(ask(brand, "access", "fetched", **ago(50)))
    client = sign_in(Role.DPO)
    assert b"".join(client.post(_download(fetched)).streaming_content)  # type: ignore[attr-defined]
    assert [task.regulation for task in client.get("/admin/").context["tasks"]] == [late, week]
    figures = {figure.label: figure for figure in client.get("/admin/").context["figures"]}
    assert (figures["Overdue"].value, figures["Overdue"].tone) == (1, "bad")
    assert (figures["Due this week"].value, figures["Open"].value) == (1, 0)
    for label, row in (("Overdue", late), ("Due this week", week)):
        behind = client.get(figures[label].url)
        assert list(behind.context["cl"].result_list) == [row]
        text = plain(behind.content.decode())
        assert "not handed over yet" in text
        assert "Done in time" not in text
    text = plain(client.get("/admin/regulations/export/").content.decode())
    assert text.count("Not yet") == 2


@pytest.mark.engine
def test_what_is_beyond_the_first_rows_stands_on_the_list_they_lead_to(
    brand: Brand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy_portal.console.home.SHOWN", 2)
    for number in range(3):
        carry_out(ask(brand, "access", f"collected {number}"))
    ask(brand, "suppress", "open")
    page = sign_in(Role.SUPPORT).get("/admin/")
    assert page.context["more_tasks"] == 2
    assert [task.action for task in page.context["tasks"]] == ["Look at it"] * 2
    behind = sign_in(Role.SUPPORT).get("/admin/regulations/regulation/?deadline=owed&o=5")
    assert len(behind.context["cl"].result_list) == 4
    assert 'href="/admin/regulations/regulation/?deadline=owed&amp;o=5"' in page.content.decode()


def _download(regulation: Regulation) -> str:
    return reverse("admin:regulations_export_download", args=[regulation.export.pk])


def test_a_failed_update_is_sent_again_from_here(brand: Brand, sign_in: SignIn) -> None:
    subject = ask(brand, "suppress", "maria").subject
    update = IdentifyUpdate.objects.announce(subject, channels=True)
    IdentifyUpdate.objects.filter(pk=update.pk).update(status="failed")
    client = sign_in(Role.DPO)
    client.post(f"/admin/upstream/identifyupdate/{update.pk}/retry/")
    update.refresh_from_db()
    assert update.status == "waiting"
    answer = client.post(f"/admin/upstream/identifyupdate/{update.pk}/retry/", follow=True)
    assert "Only a failed update can be sent again" in plain(answer.content.decode())


def test_only_what_the_upstream_still_has_to_be_told_is_counted(brand: Brand, sign_in: SignIn) -> None:
    subjects = [ask(brand, "no_track", name).subject for name in ("made good", "erased", "only tracking told since")]
    failed = [IdentifyUpdate.objects.announce(subject, channels=True) for subject in subjects]
    IdentifyUpdate.objects.update(status="failed")
    for subject, channels in ((subjects[0], True), (subjects[2], False)):
        later = IdentifyUpdate.objects.announce(subject, channels=channels)
        IdentifyUpdate.objects.filter(pk=later.pk).update(status="delivered")
    subjects[1].forget(timezone.now())
    page = sign_in().get("/admin/").context
    assert [figure.value for figure in page["figures"] if figure.label == "Failed updates"] == [1]
    assert list(page["failed_updates"]) == failed[2:]


def test_the_chain_is_checked_in_words(brand: Brand, sign_in: SignIn) -> None:
    ask(brand, "suppress", "maria")
    seal()
    answer = sign_in(Role.AUDITOR).post("/admin/audit/entry/check-the-chain/", follow=True)
    assert "The chain is whole" in plain(answer.content.decode())
