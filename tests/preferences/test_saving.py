"""Saving: what differs from what was shown goes to the ledger, with its wording, and upstream (contract P1, P2)."""

from ipaddress import ip_network

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.audit.models import Entry as AuditEntry
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry, Evidence, Preference
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.preferences.channels import wording_version
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.events import identify
from tests.preferences.visitor import Visitor
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def held(subject: Subject) -> dict[str, bool]:
    return {name: preference.subscribed for name, preference in Preference.objects.of(subject.pk).items()}


def test_only_what_was_changed_is_recorded(visitor: Visitor, subject: Subject) -> None:
    page = visitor.press("save", {"email", "push"})
    assert held(subject) == {"email": True, "push": True}, "what was never chosen and left alone stays that way"
    assert page.ticked == {"email", "push"}
    assert page.states["sms"].endswith("You have not chosen yet.")


def test_a_post_that_names_no_button_saves(visitor: Visitor, subject: Subject) -> None:
    visitor.press(ticked={"sms"})
    assert held(subject) == {"sms": True}


def test_the_ledger_keeps_the_wording_the_source_and_the_evidence(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"}, user_agent="Lynx/2.9")
    entry = Entry.objects.get()
    assert (entry.source, entry.subscribed, entry.wording) == (
        "preference_centre",
        True,
        "Email: News and offers by email",
    )
    assert entry.wording_version == wording_version(entry.wording)
    assert len(entry.wording_version) == 12
    assert (entry.evidence.address, entry.evidence.agent) == ("127.0.0.1", "Lynx/2.9")
    audit = AuditEntry.objects.get(action="consent.changed")
    assert (audit.actor_kind, audit.subject_ref) == ("person", subject.pk)


def test_the_address_behind_a_trusted_proxy_is_the_persons(visitor: Visitor, settings) -> None:
    visitor.press("save", {"email"}, x_forwarded_for="203.0.113.9")
    assert Evidence.objects.get().address == "127.0.0.1", "anybody may write that header"
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8")]
    visitor.press("save", set(), x_forwarded_for="203.0.113.9")
    assert Evidence.objects.order_by("id").last().address == "203.0.113.9"


def test_one_save_is_one_update_upstream(brand: Brand, visitor: Visitor, upstream: Upstream) -> None:
    visitor.press("save", {"email", "sms"})
    assert IdentifyUpdate.objects.count() == 1
    work_until_idle()
    (message,) = upstream.messages
    assert message["traits"]["marketingPreferences"]["channels"] == [
        {"channel": "email", "subscribed": True},
        {"channel": "sms", "subscribed": True},
    ]


def test_saving_what_is_so_already_changes_nothing_and_says_so(visitor: Visitor) -> None:
    page = visitor.press("save")
    assert "Nothing had to be changed" in page.words
    assert not Entry.objects.exists()
    assert not IdentifyUpdate.objects.exists()


@pytest.mark.parametrize("meanwhile", [True, False])
def test_what_was_changed_elsewhere_meanwhile_is_not_said_to_be_as_wanted(
    brand: Brand, visitor: Visitor, subject: Subject, meanwhile: bool
) -> None:
    identify(brand, "u1", channels={"email": not meanwhile})
    visitor.open()
    form = visitor.form("save")
    identify(brand, "u1", channels={"email": meanwhile})
    visitor.open(visitor.url + visitor.send(form)["Location"])
    assert "Nothing was changed: the page you pressed that on is out of date" in visitor.page.words
    assert held(subject) == {"email": meanwhile}


def test_a_channel_that_the_brand_has_given_up_meanwhile_is_not_said_to_be_on(brand: Brand, visitor: Visitor) -> None:
    form = visitor.form("save", {"push"})
    brand.configure({"channels": "email,sms"}, COMMAND)
    visitor.open(visitor.url + visitor.send(form)["Location"])
    assert "Nothing was changed: the page you pressed that on is out of date" in visitor.page.words
    assert not Entry.objects.exists()


def test_a_tab_left_open_undoes_nothing_done_elsewhere(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    old_form = visitor.form("save", {"push"})
    visitor.press("save", {"email"})
    identify(brand, "u1", channels={"sms": True})
    visitor.send(old_form)
    assert held(subject) == {"email": True, "sms": True, "push": True}


def test_only_channels_on_that_very_page_change(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email", "sms"})
    visitor.send({"shown": ["email:on"], "do": "save"})
    assert held(subject) == {"email": False, "sms": True}
    visitor.send({"channel": ["push", "whatsapp"], "do": "save"})
    assert "push" not in held(subject), "a box the page did not show is no choice"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"shown": ["fax:off", "email", ":", "email:maybe", "\x00:off", "\ud83d:off"], "channel": ["fax", "\x00"]},
        {"do": "nonsense", "shown": "email:none"},
        {"do": "undo", "saved": "9" * 400},
        {"do": "undo", "saved": "١٢٣"},
    ],
)
def test_a_form_of_nonsense_changes_nothing(visitor: Visitor, form: dict) -> None:
    encodable = {
        name: [value.encode("utf-8", "replace") for value in ([values] if isinstance(values, str) else values)]
        for name, values in form.items()
    }
    assert visitor.send(encodable).status_code == 303
    assert not Entry.objects.exists()


def test_a_withdrawal_here_stands_against_a_bare_grant_by_a_system(
    brand: Brand, visitor: Visitor, subject: Subject
) -> None:
    identify(brand, "u1", channels={"email": True})
    visitor.open()
    visitor.press("save", set())
    identify(brand, "u1", channels={"email": True})
    assert held(subject) == {"email": False}
    visitor.open()
    visitor.press("save", {"email"})
    assert held(subject) == {"email": True}, "the person lifts it"
