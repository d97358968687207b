"""The debugger: what came through the door, and why it was let in or not."""

import pytest
from django.contrib.admin.templatetags.admin_list import result_headers
from django.urls import reverse

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand, Role, TokenKind
from privacy_portal.consent import models as consent
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from tests.console.conftest import SignIn
from tests.factories.brands import make_brand
from tests.factories.events import identify, send, track
from tests.factories.forwarding import carry, forwarding_brand
from tests.factories.regulations import ask
from tests.pages import plain
from tests.upstream.server import json_answer, serve, taken

pytestmark = pytest.mark.django_db


def page(event: Event, verb: str = "change") -> str:
    return reverse(f"admin:tracking_event_{verb}", args=[event.pk])


def test_what_an_event_carried_is_shown_on_demand_to_a_dpo_and_noted(brand: Brand, sign_in: SignIn) -> None:
    track(brand, "maria", properties={"gift": "for <aiko>"})
    event, client = Event.objects.get(), sign_in(Role.DPO)
    assert "aiko" not in client.get(page(event)).content.decode()
    shown = client.post(page(event, "payload")).content.decode()
    assert "for &lt;aiko&gt;" in shown
    assert Entry.objects.filter(action="event.payload_shown", object_ref=str(event.pk)).count() == 1


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
def test_others_do_not_see_what_it_carried(brand: Brand, sign_in: SignIn, role: str) -> None:
    track(brand, "maria")
    event, client = Event.objects.get(), sign_in(role)
    assert client.get(page(event)).status_code == 200
    assert client.post(page(event, "payload")).status_code == 403


def test_a_gated_event_says_why_and_nothing_else(brand: Brand, sign_in: SignIn) -> None:
    ask(brand, "suppress", "maria")
    track(brand, "maria", properties={"gift": "secret"})
    text = plain(sign_in().get(page(Event.objects.get())).content.decode())
    assert "The person is suppressed. Nothing of the call is kept but this line" in text
    assert "Show what it carried" not in text


def test_events_are_filtered_by_state(brand: Brand, sign_in: SignIn) -> None:
    ask(brand, "suppress", "maria")
    kept, gated = track(brand, "jonas"), track(brand, "maria")
    html = sign_in().get("/admin/tracking/event/?status__exact=suppressed").content.decode()
    assert str(gated) in html
    assert str(kept) not in html


def test_the_list_of_events_offers_no_order_that_reads_them_all(brand: Brand, sign_in: SignIn) -> None:
    track(brand, "maria")
    listed = sign_in().get("/admin/tracking/event/?o=2.3").context["cl"]
    assert [header["text"] for header in result_headers(listed) if header["sortable"]] == ["Received"]
    assert "brand" not in str(listed.queryset.query.order_by)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("zone", "timestamp", "told"),
    [
        ("America/New_York", "0001-01-01T00:00:00Z", "1 Jan 1, 00:00 UTC"),
        ("Europe/Berlin", "9999-12-31T23:59:59Z", "31 Dec 9999, 23:59 UTC"),
        ("Europe/Berlin", "0001-01-01T00:00:00Z", "1 Jan 1, 00:53 LMT"),
    ],
)
def test_what_happened_at_an_end_of_the_calendar_is_shown_on_every_page(
    sign_in: SignIn, db: None, zone: str, timestamp: str, told: str
) -> None:
    """Any public token can say so, and zones lead out of the calendar there."""
    brand, client = make_brand(timezone=zone), sign_in()
    identify(brand, "maria", kind=TokenKind.JS_TAG, timestamp=timestamp, channels={"email": False})
    assert told in plain(client.get(page(Event.objects.get())).content.decode())
    person, entry = Subject.objects.get(), consent.Entry.objects.get()
    for address in (
        "/admin/tracking/event/",
        "/admin/consent/entry/",
        "/admin/consent/preference/",
        reverse("admin:subjects_subject_change", args=[person.pk]),
        reverse("admin:consent_entry_change", args=[entry.pk]),
        reverse("admin:consent_preference_change", args=[consent.Preference.objects.get().pk]),
    ):
        assert client.get(address).status_code == 200, address


def test_a_batch_leads_to_its_calls(brand: Brand, sign_in: SignIn) -> None:
    batch = send(brand, "batch", {"batch": [{"event": "a", "userId": "u"}, {"event": "page", "userId": "u"}]})
    html = sign_in().get(page(Event.objects.get(event_id=batch))).content.decode()
    for call in Event.objects.calls():
        assert page(call) in html


def test_what_the_upstream_refused_says_why_and_is_sent_again_by_a_dpo(sign_in: SignIn, db: None) -> None:
    with serve() as upstream:
        upstream.always = json_answer(400, {"message": "maria has no account"})
        track(forwarding_brand(upstream), "maria")
        carry()
        event = Event.objects.get()
        text = plain(sign_in(Role.DPO).get(page(event)).content.decode())
        assert "The upstream refused it." in text
        assert "upstream answered 400 [userId] has no account" in text
        assert sign_in(Role.SUPPORT).post(page(event, "forward_again")).status_code == 403
        upstream.always = taken
        sign_in(Role.DPO).post(page(event, "forward_again"))
        carry()
    assert "Forwarded" in plain(sign_in().get(page(event)).content.decode())
    assert Entry.objects.filter(action="event.forwarded_again", object_ref=str(event.pk)).count() == 1
