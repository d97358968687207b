"""An identify update that goes wrong: staff and API callers see how far it is, why, and send it again."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from privacy_portal.upstream.models import IdentifyUpdate
from tests.console.conftest import SignIn
from tests.factories.api import Caller, caller
from tests.factories.brands import make_brand
from tests.factories.updates import announce, attempt, make_due
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.django_db(transaction=True)]
CLOSED, REFUSED = json_answer(503, {"message": "closed"}), json_answer(403, {"message": "not you"})


@pytest.fixture
def update(upstream: Upstream) -> IdentifyUpdate:
    return announce(make_brand(upstream_url=upstream.url, upstream_token="their-token"))


def told(api: Caller, browser: Client, update: IdentifyUpdate) -> tuple[dict[str, Any], str]:
    """What the API and the console say of it."""
    page = browser.get(reverse("admin:upstream_identifyupdate_change", args=[update.pk]))
    return api.get(f"identify-updates/{update.pk}/").json(), page.content.decode()


def test_its_state_and_last_error_are_seen(update: IdentifyUpdate, upstream: Upstream, sign_in: SignIn) -> None:
    upstream.answers = [CLOSED, REFUSED]
    api, browser = caller("support"), sign_in()
    for state, attempts, error in (("retrying", 1, "503 closed"), ("failed", 2, "403 not you")):
        attempt(update)
        body, page = told(api, browser, update)
        assert (body["status"], body["attempts"], body["last_error"]) == (state, attempts, error)
        assert {state.capitalize() in page, error in page} == {True}
        make_due(update)
    assert api.get("identify-updates/", {"status": "failed"}).json()["results"] == [body]


@pytest.mark.parametrize("door", ["api", "console"])
def test_one_that_failed_is_sent_again(update: IdentifyUpdate, upstream: Upstream, sign_in: SignIn, door: str) -> None:
    upstream.answers = [REFUSED]
    attempt(update)
    api, browser = caller("dpo"), sign_in()
    if door == "api":
        assert api.post(f"identify-updates/{update.pk}/retry/").status_code == 200
    else:
        browser.post(f"/admin/upstream/identifyupdate/{update.pk}/retry/")
    attempt(update)
    body, page = told(api, browser, update)
    assert (body["status"], body["last_error"]) == ("delivered", None)
    assert body["event_id"] in page
    assert [message["messageId"] for message in upstream.messages] == [str(update.pk)] * 2
