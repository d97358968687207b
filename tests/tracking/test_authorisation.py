"""Who may use the door (contract T3, 403): one answer for unknown, revoked and foreign."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.brands.secret import hashed
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.homecoming import pseudonym
from privacy_portal.tracking.models import Event
from tests.factories.brands import make_brand
from tests.tracking.caller import Caller, issue, track
from tests.tracking.sdk import Sdk, basic
from tests.waiting import until

pytestmark = pytest.mark.engine
REFUSED = {"success": False, "code": "not_authorised", "message": "auth-token is not authorised for this brand"}


def test_a_missing_token_is_told_as_such(door: Caller) -> None:
    answer = door.post("track", track(), token="")
    assert (answer.status_code, answer.json()["code"]) == (403, "token_missing")


def test_an_unknown_token_is_refused(door: Caller) -> None:
    answer = door.post("track", track(), token="pp_server_unknown")
    assert (answer.status_code, answer.json()) == (403, REFUSED)


def test_what_this_portal_forwarded_does_not_come_in_again(door: Caller, sdk: Sdk) -> None:
    via = f"1.1 proxy, 1.1 {pseudonym()}"
    answers = [door.post("track", track(), via=via), sdk.post("track", track(), via=via)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "forwarded_to_itself")] * 2
    door.taken("track", track(), via="1.1 proxy, 1.1 privacy-portal-of-somebody-else")


FOREIGN = [
    "acme/acme/NOSUCHBRAND",
    "acme/acme/acme",
    "a%00/b/C",
    "a%FF/b/C",
    "%ED%A0%80/b/C",
    f"acme/acme/{'X' * 5000}",
]


@pytest.mark.parametrize("path", FOREIGN)
def test_the_answer_is_the_same_for_a_brand_that_there_is_not(door: Caller, path: str) -> None:
    answer = door.request("POST", f"/track/{path}/v1/track", b"{}")
    assert (answer.status_code, answer.json()) == (403, REFUSED)


def test_the_answer_is_the_same_for_a_brand_that_there_is(door: Caller) -> None:
    answer = door.request("POST", f"/track/{make_brand().path}/v1/track", b"{}")
    assert (answer.status_code, answer.json()) == (403, REFUSED)


def test_a_token_of_the_account_opens_each_of_its_brands_and_no_other(door: Caller, brand: Brand) -> None:
    token = AuthToken.objects.issue(TokenKind.SERVER, brand.client, brand.account, actor=COMMAND)[1]
    door.taken("track", track(), token)
    elsewhere, _ = Brand.objects.ensure(brand.client, "elsewhere", brand.code, actor=COMMAND)
    assert door.request("POST", f"/track/{elsewhere.path}/v1/track", b"{}", token).json() == REFUSED
    stranger = AuthToken.objects.issue(TokenKind.SERVER, brand.client, "elsewhere", actor=COMMAND)[1]
    assert door.post("track", track(), stranger).json() == REFUSED


def test_a_revocation_holds_within_a_second(door: Caller, brand: Brand) -> None:
    secret = issue(brand)
    door.taken("track", track(), secret)
    AuthToken.objects.exclude(pk=AuthToken.objects.earliest("pk").pk).get().revoke(COMMAND)
    until(lambda: door.post("track", track(), secret).status_code == 403, 1)


def test_a_token_that_was_unknown_is_taken_within_a_second_of_being_made(door: Caller, brand: Brand) -> None:
    other = make_brand()
    assert door.request("POST", f"/track/{other.path}/v1/track").status_code == 403
    secret = issue(other)
    body = b'{"userId":"u","event":"e"}'
    until(lambda: door.request("POST", f"/track/{other.path}/v1/track", body, secret).status_code == 200, 1)


def test_settings_are_in_force_within_a_second(door: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    subject.stop_tracking()
    call = track(event="Send Receipt")
    assert door.status(door.taken("track", call)).json()["status"] == "not_tracked"
    brand.configure({"commands": ["Send Receipt"]}, COMMAND)
    until(lambda: door.status(door.taken("track", call)).json()["status"] == "stored", 1)


def test_two_auth_token_lines_open_nothing(door: Caller) -> None:
    lines = [("auth-token", door.token), ("auth-token", door.token), ("content-type", "application/json")]
    assert door.send("POST", door.path("track"), b"{}", lines).json() == REFUSED


class Slow:
    """A body whose rest is sent when the test says so. `begun`: the door has taken the head and reads the body."""

    def __init__(self, body: bytes) -> None:
        self._body, self.begun, self.may_end = body, threading.Event(), threading.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body[:9]
        self.begun.set()
        assert await asyncio.to_thread(self.may_end.wait, 30)
        yield self._body[9:]


@pytest.mark.parametrize("way", ["tracking API", "SDK"])
def test_a_body_that_ends_after_the_revocation_is_refused(door: Caller, sdk: Sdk, brand: Brand, way: str) -> None:
    secret, slow = issue(brand), Slow(json.dumps(track()).encode())
    client, path, headers = (
        (sdk.client, "/v1/track", {"authorization": basic(secret)})
        if way == "SDK"
        else (door.client, door.path("track"), {"auth-token": secret})
    )
    post = door.begin(client.post(path, content=slow, headers={**headers, "content-type": "application/json"}))
    assert slow.begun.wait(30)
    AuthToken.objects.get(digest=hashed(secret)).revoke(COMMAND)
    until(lambda: door.post("track", track(), secret).status_code == 403, 1)
    before = Event.objects.count()
    slow.may_end.set()
    assert (post.result(30).status_code, Event.objects.count()) == (403, before)
