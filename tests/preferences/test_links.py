"""Links: bound, short, unguessable, expiring, revocable (contract P4)."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.audit.models import Entry as AuditEntry
from privacy_portal.brands.models import Brand
from privacy_portal.preferences.checks import LONGEST_PUBLIC_URL, unsubscribe_links_fit_a_header
from privacy_portal.preferences.links import LONGEST_URL, BadLink, issue_link, revoke_links
from privacy_portal.preferences.models import PreferenceToken, TokenKind
from privacy_portal.subjects.models import Subject

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
TOKEN = r"[A-Za-z0-9_-]{22}"


def test_a_link_is_two_addresses_of_this_portal_and_the_headers_of_mail(subject: Subject, settings) -> None:
    settings.PUBLIC_URL = "https://portal.example"
    link = issue_link(subject)
    assert re.fullmatch(rf"https://portal\.example/p/{TOKEN}/", link.url)
    assert re.fullmatch(rf"https://portal\.example/u/{TOKEN}", link.unsubscribe_url)
    assert link.headers == {
        "List-Unsubscribe": f"<{link.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert timedelta(days=29, hours=23) < link.expires_at - timezone.now() <= timedelta(days=30)


def test_the_headers_survive_a_mail_library_at_the_longest_public_url(subject: Subject, settings) -> None:
    settings.PUBLIC_URL = "https://" + "a" * (LONGEST_PUBLIC_URL - len("https://"))
    link = issue_link(subject)
    assert len(link.unsubscribe_url) == LONGEST_URL
    message = EmailMessage(policy=policy.SMTP)
    for name, value in link.headers.items():
        message[name] = value
    sent = message.as_bytes()
    assert f"<{link.unsubscribe_url}>".encode() in sent
    received = message_from_bytes(sent, policy=policy.SMTP)
    assert {name: value.strip() for name, value in received.items()} == link.headers


def test_a_longer_public_url_is_named_by_the_deploy_check(settings) -> None:
    settings.PUBLIC_URL = "https://" + "a" * (LONGEST_PUBLIC_URL - len("https://"))
    assert unsubscribe_links_fit_a_header() == []
    settings.PUBLIC_URL += "a"
    (warning,) = unsubscribe_links_fit_a_header()
    assert "PORTAL_PUBLIC_URL" in warning.msg


def test_page_links_are_new_each_time_and_the_unsubscribe_link_of_a_channel_stays(subject: Subject) -> None:
    first, second, sms = issue_link(subject), issue_link(subject), issue_link(subject, "sms")
    assert len({first.url, second.url, sms.url}) == 3
    assert first.unsubscribe_url == second.unsubscribe_url != sms.unsubscribe_url
    assert PreferenceToken.objects.filter(kind=TokenKind.UNSUBSCRIBE).count() == 2


def test_only_hashes_are_kept_and_unsubscribe_tokens_never_expire(subject: Subject) -> None:
    link = issue_link(subject, expires_in=timedelta(minutes=1))
    kept = repr(list(PreferenceToken.objects.values()))
    assert link.url.split("/")[-2] not in kept
    assert link.unsubscribe_url.split("/")[-1] not in kept
    assert PreferenceToken.objects.get(kind=TokenKind.UNSUBSCRIBE).expires_at is None


def test_two_people_and_two_brands_never_share_a_token(subject: Subject) -> None:
    other = Subject.objects.ensure(subject.brand, "u2")[0]
    elsewhere = Subject.objects.ensure(Brand.objects.ensure("acme", "acme", "OTHER", actor=COMMAND)[0], "u1")[0]
    links = [issue_link(person) for person in (subject, other, elsewhere)]
    assert len({link.unsubscribe_url for link in links}) == 3


@pytest.mark.parametrize("lasts", [timedelta(seconds=59), timedelta(days=367), timedelta(0), timedelta(days=-1)])
def test_it_refuses_a_life_that_makes_no_sense(subject: Subject, lasts: timedelta) -> None:
    with pytest.raises(BadLink, match="expires_in must be between 1 minute and 366 days"):
        issue_link(subject, expires_in=lasts)


def test_it_refuses_a_channel_the_brand_does_not_have(subject: Subject) -> None:
    with pytest.raises(BadLink, match="channel must be one of email, sms"):
        issue_link(subject, "fax")
    assert not PreferenceToken.objects.exists()


def test_revoking_is_audited_once_and_the_next_unsubscribe_link_is_another_one(subject: Subject) -> None:
    link = issue_link(subject)
    assert revoke_links(subject, COMMAND) == 2
    assert revoke_links(subject, COMMAND) == 0
    PreferenceToken.objects.first().revoke(COMMAND)
    assert AuditEntry.objects.filter(action="preference_link.revoked").count() == 2
    assert issue_link(subject).unsubscribe_url != link.unsubscribe_url


def test_one_kind_can_be_revoked_alone(subject: Subject) -> None:
    issue_link(subject)
    assert revoke_links(subject, COMMAND, TokenKind.PAGE) == 1
    assert PreferenceToken.objects.live().get().kind == TokenKind.UNSUBSCRIBE
