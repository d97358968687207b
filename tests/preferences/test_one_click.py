"""One-click unsubscribe, in every form a mailbox provider may send (contract P5, RFC 8058)."""

import pytest
from django.test import Client

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry, Preference
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.preferences.links import issue_link, revoke_links
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.events import identify
from tests.preferences.visitor import Visitor, read, visit
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
PAIR = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
PART = 'Content-Disposition: form-data; name="List-Unsubscribe"'
# As printed in RFC 8058 §8.3: the lines between the parts are two dashes short of what MIME asks for.
PRINTED = "---FormBoundaryjWmhtjORrn"
ASKING = {
    "urlencoded": (FORM, PAIR),
    "with a charset": (f"{FORM}; charset=UTF-8", PAIR),
    "another charset": (f"{FORM}; charset=iso-8859-1", PAIR),
    "extra pairs": (FORM, f"{PAIR}&x=1"),
    "extra pairs before": (FORM, f"x=1&{PAIR}"),
    "a line end": (FORM, f"{PAIR}\r\n"),
    "multipart": ("multipart/form-data; boundary=X", f"--X\r\n{PART}\r\n\r\nOne-Click\r\n--X--\r\n"),
    "multipart of line feeds": ("multipart/form-data; boundary=X", f"--X\n{PART}\n\nOne-Click\n--X--\n"),
    "multipart with a type": (
        "multipart/form-data; boundary=X", f"--X\r\n{PART}\r\nContent-Type: text/plain\r\n\r\nOne-Click\r\n--X--\r\n",
    ),
    "multipart unquoted": (
        "multipart/form-data; boundary=X", f"--X\r\n{PART.replace(chr(34), '')}\r\n\r\nOne-Click\r\n--X--",
    ),
    "as the RFC prints it": (
        f'multipart/form-data; boundary="{PRINTED}"', f"{PRINTED}\r\n{PART}\r\n\r\nOne-Click\r\n{PRINTED}--\r\n",
    ),
    "multipart by its type alone": ("multipart/form-data", PAIR),
    "no type": ("", PAIR),
    "plain text": ("text/plain", PAIR),
    "plain text with a line end": ("text/plain", f"{PAIR}\r\n"),
}  # fmt: skip
NOT_ASKING = {
    "nothing": (FORM, ""),
    "another case": (FORM, "List-Unsubscribe=one-click"),
    "another name": (FORM, "list-unsubscribe=One-Click"),
    "another word": (FORM, "List-Unsubscribe=One-Click-Not"),
    "another part": (
        "multipart/form-data; boundary=X", '--X\r\nContent-Disposition: form-data; name="x"\r\n\r\nOne-Click\r\n--X--',
    ),
    "broken multipart": ("multipart/form-data", "--"),
    "json": ("application/json", '{"List-Unsubscribe": "One-Click"}'),
    "not at the start": ("text/plain", f"hello {PAIR}"),
    "far into a long text": ("text/plain", " " * 5000 + PAIR),
    "many fields": (FORM, "&".join(f"a{n}=1" for n in range(1200))),
    "three megabytes": (FORM, "a" * 3_000_000),
    "no text": ("text/plain", "\ufffd\x00"),
}  # fmt: skip


@pytest.fixture
def url(brand: Brand, subject: Subject) -> str:
    identify(brand, "u1", channels={"email": True, "sms": True})
    return issue_link(subject).unsubscribe_url


def states(subject: Subject) -> dict[str, bool]:
    return {name: held.subscribed for name, held in Preference.objects.of(subject.pk).items()}


@pytest.mark.parametrize("name", ASKING)
def test_it_stops_that_channel_and_a_repeat_says_the_same(subject: Subject, url: str, name: str) -> None:
    content_type, body = ASKING[name]
    first, again = (Client().post(url, body.encode(), content_type=content_type) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content) == (200, b"Unsubscribed.\n")
    assert states(subject) == {"email": False, "sms": True}
    entry = Entry.objects.get(source="one_click")
    assert (entry.channel, entry.subscribed) == ("email", False)
    assert IdentifyUpdate.objects.count() == 1


@pytest.mark.parametrize("name", NOT_ASKING)
def test_anything_else_gets_the_question_and_changes_nothing(subject: Subject, url: str, name: str) -> None:
    content_type, body = NOT_ASKING[name]
    page = read(Client().post(url, body.encode(), content_type=content_type))
    assert (page.status, page.heading) == (200, "Stop Email from Acme Shop?")
    assert states(subject) == {"email": True, "sms": True}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(subject: Subject, url: str, method: str) -> None:
    for address in (url, f"{url}?{PAIR}"):
        answer = getattr(Client(), method)(address)
        assert answer.status_code == 200
        assert not answer.cookies
    assert states(subject) == {"email": True, "sms": True}


def test_cookies_logins_and_origins_make_no_difference(subject: Subject, url: str, settings) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies.load({settings.SESSION_COOKIE_NAME: "ended", settings.CSRF_COOKIE_NAME: "malformed"})
    headers = {"authorization": "Bearer x", "origin": "https://mail.example", "referer": "https://mail.example/"}
    answer = client.post(url, PAIR, content_type=FORM, headers={**headers, "sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Vary" not in answer
    assert "Location" not in answer
    assert states(subject)["email"] is False


def test_it_is_never_sent_on_to_another_address(subject: Subject, url: str, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().post(url, PAIR, content_type=FORM).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_slash_behind_it_makes_no_difference(subject: Subject, url: str, method: str) -> None:
    bare, slashed = (Client().generic(method, f"{url}{end}", PAIR, FORM) for end in ("", "/"))
    assert (slashed.status_code, slashed.content, slashed.headers) == (200, bare.content, bare.headers)
    assert states(subject) == {"email": method != "POST", "sms": True}


def test_a_channel_that_is_off_or_was_never_on_is_fine(brand: Brand, subject: Subject) -> None:
    for channel in ("push", "push"):
        answer = Client().post(issue_link(subject, channel).unsubscribe_url, PAIR, content_type=FORM)
        assert (answer.status_code, answer.content) == (200, b"Unsubscribed.\n")
    assert states(subject) == {"push": False}


def test_a_channel_the_brand_gave_up_is_stopped_all_the_same(
    brand: Brand, subject: Subject, upstream: Upstream
) -> None:
    """Nobody had ever said anything of it: it must not be asked about, and mailed on, when the brand takes it back."""
    visitor = Visitor(issue_link(subject, "sms").unsubscribe_url)
    brand.configure({"channels": "email,push"}, COMMAND)
    assert visitor.open().heading == "Stop sms from Acme Shop?"
    for _ in range(2):
        assert Client().post(visitor.url, PAIR, content_type=FORM).content == b"Unsubscribed.\n"
    assert states(subject) == {"sms": False}
    entry = Entry.objects.get()
    assert (entry.source, entry.wording) == ("one_click", "Unsubscribe. sms")
    work_until_idle()
    (message,) = upstream.messages
    assert message["traits"]["marketingPreferences"]["channels"] == [{"channel": "sms", "subscribed": False}]
    done = read(visitor.client.post(visitor.url, {"List-Unsubscribe": "One-Click"}))
    assert done.heading == "sms from Acme Shop: stopped"
    brand.configure({"channels": "email,sms"}, COMMAND)
    assert visit(subject).page.states["sms"].endswith("You do not get these.")


def test_a_no_of_a_system_becomes_a_no_of_the_person(brand: Brand, subject: Subject, url: str) -> None:
    identify(brand, "u1", channels={"email": False})
    Client().post(url, PAIR, content_type=FORM)
    identify(brand, "u1", channels={"email": True})
    assert states(subject)["email"] is False


def test_an_unknown_token_is_404_and_a_revoked_one_410(subject: Subject, url: str) -> None:
    assert read(Client().post(f"{url[:-22]}{'A' * 22}", PAIR, content_type=FORM)).status == 404
    revoke_links(subject, COMMAND)
    assert read(Client().post(url, PAIR, content_type=FORM)).status == 410
    assert states(subject)["email"] is True


def test_a_person_is_asked_presses_and_is_told(subject: Subject, url: str) -> None:
    visitor = Visitor(url)
    page = visitor.open()
    assert page.one("input", type="hidden", name="List-Unsubscribe").get("value") == "One-Click"
    assert "You get these" not in page.words, "the link tells no state"
    done = read(visitor.client.post(url, {"List-Unsubscribe": "One-Click"}))
    assert (done.status, done.heading) == (200, "Email from Acme Shop: stopped")
    assert states(subject) == {"email": False, "sms": True}


def test_it_outlives_a_change_of_the_secret_key_and_the_page_link(subject: Subject, url: str, settings) -> None:
    settings.SECRET_KEY = "another"
    assert issue_link(subject).unsubscribe_url != url
    assert Client().post(url, PAIR, content_type=FORM).status_code == 200
    assert states(subject)["email"] is False
