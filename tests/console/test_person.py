"""A person is masked until asked for, every look is noted, and who they are stands in no address."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from privacy_portal.audit.models import COMMAND, Entry
from privacy_portal.brands.models import Brand, Role
from privacy_portal.consent.models import Preference
from privacy_portal.preferences.links import issue_link
from privacy_portal.preferences.models import PreferenceToken
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from tests.console.conftest import SignIn
from tests.factories.brands import make_brand
from tests.factories.events import identify, track
from tests.factories.regulations import ask, carry_out
from tests.pages import check_page, plain
from tests.upstream.server import serve

pytestmark = pytest.mark.django_db
WHO = "maria.muster@example.com"


@pytest.fixture
def person(brand: Brand) -> Subject:
    identify(brand, WHO, channels={"email": True})
    return Subject.objects.get()


def page(person: Subject, verb: str = "change") -> str:
    return reverse(f"admin:subjects_subject_{verb}", args=[person.pk])


def acts(person: Subject) -> list[str]:
    return list(Entry.objects.filter(subject_ref=person.pk).order_by("pk").values_list("action", flat=True))


def test_the_userid_is_hidden_until_asked_for_and_that_is_noted(person: Subject, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPPORT)
    assert WHO not in client.get(page(person)).content.decode()
    shown = client.post(page(person, "reveal"))
    assert WHO in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert acts(person)[-2:] == ["subject.viewed", "subject.revealed"]
    assert WHO not in client.get(page(person)).content.decode()


def test_it_is_never_revealed_by_get(person: Subject, sign_in: SignIn) -> None:
    client = sign_in()
    assert client.get(page(person, "reveal")).status_code == 302
    assert WHO not in client.get(page(person, "reveal"), follow=True).content.decode()
    assert "subject.revealed" not in acts(person)


@pytest.mark.engine
def test_their_last_events_lead_to_the_debugger_and_show_nothing_of_what_they_carried(
    person: Subject, brand: Brand, sign_in: SignIn
) -> None:
    first = Event.objects.get()
    theirs = [track(brand, WHO, properties={"gift": "secret"}) for _ in range(20)]
    others = [track(brand, "jonas"), track(brand, anonymousId="device"), track(make_brand(), WHO)]
    for role in Role.values:
        html = sign_in(role).get(page(person)).content.decode()
        check_page(html)
        listed = {event.event_id for event in Event.objects.all() if _debugger(event) in html}
        assert listed == set(theirs), "the last 20"
        assert not listed & {first.event_id, *others}
        assert "secret" not in html
        assert "track Stored" in plain(html)


def _debugger(event: Event) -> str:
    return f'"{reverse("admin:tracking_event_change", args=[event.pk])}"'


def test_the_regulation_page_hides_the_person_too(brand: Brand, sign_in: SignIn) -> None:
    regulation, client = ask(brand, "suppress", WHO), sign_in(Role.DPO)
    url = reverse("admin:regulations_regulation_change", args=[regulation.pk])
    assert WHO not in client.get(url).content.decode()
    assert WHO in client.post(url.replace("change", "reveal")).content.decode()
    assert "subject.revealed" in acts(regulation.subject)


@pytest.mark.django_db(transaction=True)
def test_a_regulation_before_an_erasure_names_nobody_when_the_person_asks_again(sign_in: SignIn) -> None:
    with serve() as upstream:
        brand = make_brand(upstream_url=upstream.url, upstream_token="t")
        erased = carry_out(ask(brand, "suppress_and_delete", WHO))
    again, client = ask(brand, "unsuppress", WHO), sign_in(Role.DPO)
    first, second = (reverse("admin:regulations_regulation_change", args=[each.pk]) for each in (erased, again))
    html = client.get(first).content.decode()
    assert "userId Erased" in plain(html)
    assert "Show who it is" not in html
    assert WHO not in client.post(first.replace("change", "reveal")).content.decode()
    assert "Show who it is" in client.get(second).content.decode()
    assert WHO in client.post(second.replace("change", "reveal")).content.decode()


def test_a_person_is_found_by_userid_without_it_in_an_address(person: Subject, brand: Brand, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPPORT)
    answer = client.post("/admin/find/", {"brand": brand.pk, "user_id": WHO})
    assert (answer.status_code, answer.headers["Location"]) == (302, page(person))
    for field in ("/admin/find/", "/admin/subjects/subject/", "/admin/regulations/regulation/"):
        html = client.get(field).content.decode()
        assert 'type="search"' not in html
        assert 'name="q"' not in html
    assert client.get("/admin/search/", {"s": WHO}).status_code == 404


def test_someone_known_by_events_alone_is_found_too_and_it_is_written_down(brand: Brand, sign_in: SignIn) -> None:
    track(brand, WHO)
    answer = sign_in(Role.SUPPORT).post("/admin/find/", {"brand": brand.pk, "user_id": WHO})
    found = Subject.objects.get()
    assert answer.headers["Location"] == page(found)
    entry = Entry.objects.get(action="subject.looked_up")
    assert (entry.subject_ref, entry.detail) == (found.pk, {"by": "user_id"})


def test_someone_unknown_or_under_a_foreign_brand_is_said_to_be_unknown(brand: Brand, sign_in: SignIn) -> None:
    ask(make_brand(), "suppress", WHO)
    answer = sign_in(Role.SUPPORT, brand).post("/admin/find/", {"brand": brand.pk, "user_id": WHO})
    assert answer.status_code == 422
    assert "Nobody is known by this userId" in plain(answer.content.decode())


def test_anything_is_found_by_its_id(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(brand, "suppress", WHO)
    client = sign_in(Role.SUPPORT, brand)
    assert str(regulation.pk) in client.post("/admin/find/", {"id": str(regulation.pk)}).headers["Location"]
    assert client.post("/admin/find/", {"id": str(brand.pk)}).status_code == 422
    foreign = ask(make_brand(), "suppress", WHO)
    assert client.post("/admin/find/", {"id": str(foreign.pk)}).status_code == 422


def test_staff_record_what_the_person_said(person: Subject, sign_in: SignIn) -> None:
    answer = sign_in(Role.DPO).post(page(person, "consent"), {"channel": "email", "wanted": "no"}, follow=True)
    assert "Recorded. It holds from now on" in plain(answer.content.decode())
    held = Preference.objects.get(subject=person, channel="email")
    assert (held.subscribed, held.source) == (False, "staff")


def test_what_is_held_of_a_channel_that_the_brand_dropped_is_shown(person: Subject, sign_in: SignIn) -> None:
    kept = [channel for channel in person.brand.channels if channel["name"] != "email"]
    person.brand.configure({"channels": kept}, COMMAND)
    shown = plain(sign_in(Role.DPO).get(page(person)).content.decode())
    assert "email (no longer offered) Wants it" in shown


def test_a_grant_needs_evidence(person: Subject, sign_in: SignIn) -> None:
    client = sign_in(Role.DPO)
    answer = client.post(page(person, "consent"), {"channel": "sms", "wanted": "yes"})
    assert answer.status_code == 422
    check_page(answer.content.decode())
    client.post(page(person, "consent"), {"channel": "sms", "wanted": "yes", "how": "call", "wording": "May we text?"})
    assert Preference.objects.get(subject=person, channel="sms").subscribed


def test_granting_to_a_suppressed_person_is_refused_in_words(brand: Brand, sign_in: SignIn) -> None:
    person = ask(brand, "suppress", WHO).subject
    form = {"channel": "sms", "wanted": "yes", "how": "call", "wording": "May we text?"}
    answer = sign_in(Role.DPO).post(page(person, "consent"), form)
    assert answer.status_code == 422
    assert "This person is suppressed" in plain(answer.content.decode())
    assert "May we text?" in plain(answer.content.decode()), "what was typed is still there"


@pytest.mark.django_db(transaction=True)
def test_nobody_is_asked_what_an_erased_person_said(sign_in: SignIn) -> None:
    with serve() as upstream:
        brand = make_brand(upstream_url=upstream.url, upstream_token="t")
        erased = carry_out(ask(brand, "suppress_and_delete", WHO)).subject
    assert "They told us" not in plain(sign_in(Role.DPO).get(page(erased)).content.decode())


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.DPO])
def test_preference_links_are_revoked_and_one_click_goes_on_stopping(
    person: Subject, sign_in: SignIn, role: str
) -> None:
    client, link = sign_in(role), issue_link(person)
    html = client.get(page(person)).content.decode()
    check_page(html)
    assert "1 link to their preference page works" in plain(html)
    answer = client.post(page(person, "revoke_links"), follow=True)
    assert "Revoked, 1 in all. They open nothing from now on" in plain(answer.content.decode())
    assert "No link to their preference page works" in plain(answer.content.decode())
    assert "preference_link.revoked" in acts(person)
    assert Client().get(urlsplit(link.url).path).status_code == 410
    assert Client().get(urlsplit(link.unsubscribe_url).path).status_code == 200
    again = client.post(page(person, "revoke_links"), follow=True)
    assert "There was no preference link to revoke" in plain(again.content.decode())
    assert acts(person).count("preference_link.revoked") == 1


def test_an_auditor_revokes_no_links_and_nobody_by_get(person: Subject, sign_in: SignIn) -> None:
    issue_link(person)
    auditor = sign_in(Role.AUDITOR)
    assert "Revoke preference links" not in auditor.get(page(person)).content.decode()
    assert auditor.post(page(person, "revoke_links")).status_code == 403
    assert sign_in(Role.DPO).get(page(person, "revoke_links")).status_code == 302
    assert PreferenceToken.objects.live().count() == 2


def test_links_of_another_brands_person_are_not_there_to_revoke(person: Subject, sign_in: SignIn) -> None:
    issue_link(person)
    assert sign_in(Role.DPO, make_brand()).post(page(person, "revoke_links")).status_code == 404
    assert PreferenceToken.objects.live().count() == 2


def test_a_regulation_is_asked_for_from_their_page_without_typing_who_they_are(
    person: Subject, sign_in: SignIn
) -> None:
    url = f"/admin/regulations/regulation/add/?subject={person.pk}"
    client = sign_in(Role.DPO)
    assert WHO not in client.get(url).content.decode()
    assert client.post(url, {"type": "suppress"}).status_code == 302
    assert person.regulations.get().type == "suppress"
