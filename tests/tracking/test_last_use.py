"""A token that opened the door is noted as used; what was refused at the door is not."""

from datetime import datetime

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.last_use import last_use
from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.brands.secret import hashed
from tests.factories.brands import make_brand
from tests.tracking.caller import Caller, issue, track
from tests.tracking.sdk import Sdk
from tests.waiting import until

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def nothing_noted(brand: Brand) -> None:
    last_use.write()


def used_at(secret: str) -> datetime | None:
    last_use.write()
    return AuthToken.objects.get(digest=hashed(secret)).last_used_at


@pytest.mark.parametrize("kind", [TokenKind.SERVER, TokenKind.MOBILE, TokenKind.JS_TAG])
def test_a_call_is_a_use_of_its_token_and_of_no_other(door: Caller, brand: Brand, kind: str) -> None:
    sent, idle = issue(brand, kind), issue(brand, kind)
    door.taken("track", track(), sent)
    assert used_at(sent)
    assert used_at(idle) is None


def test_so_is_a_call_of_an_sdk(sdk: Sdk, brand: Brand) -> None:
    secret = issue(brand, TokenKind.MOBILE)
    sdk.taken("track", track(), secret)
    assert used_at(secret)


def test_what_opened_nothing_is_none(door: Caller, brand: Brand) -> None:
    foreign = issue(make_brand())
    assert door.post("track", track(), foreign).status_code == 403
    assert used_at(foreign) is None


def test_a_revoked_token_is_used_no_more(door: Caller, brand: Brand) -> None:
    secret = issue(brand)
    door.taken("track", track(), secret)
    AuthToken.objects.get(digest=hashed(secret)).revoke(COMMAND)
    until(lambda: door.post("track", track(), secret).status_code == 403, 1, "the revocation")
    last = used_at(secret)
    assert door.post("track", track(), secret).status_code == 403
    assert used_at(secret) == last
