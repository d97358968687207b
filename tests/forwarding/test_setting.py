"""`forwarding` needs an upstream that is another than this portal, by whatever name (contract G7)."""

import pytest
from django.conf import settings

from privacy_portal.brands.elsewhere import leads_elsewhere
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import BadBrandSetting
from tests.factories.brands import make_brand
from tests.factories.events import track
from tests.factories.forwarding import carry, state
from tests.factories.regulations import DPO
from tests.tracking.caller import Caller
from tests.upstream.server import Upstream
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
NEEDS = "forwarding needs an upstream_url, and one that is not this portal's own"


def test_it_is_refused_without_an_upstream_and_with_this_portal_as_one(db: None) -> None:
    brand = make_brand()
    named_otherwise = settings.PUBLIC_URL.replace("127.0.0.1", "localhost") + "/track/a/b/C/v1/batch"
    for url in ("", settings.PUBLIC_URL, named_otherwise):
        with pytest.raises(BadBrandSetting, match=NEEDS):
            brand.configure({"upstream_url": url, "forwarding": "on"}, DPO)
    assert not brand.setting("forwarding")


def test_the_upstream_cannot_be_taken_away_from_under_it(brand: Brand) -> None:
    with pytest.raises(BadBrandSetting, match=NEEDS):
        brand.configure({"upstream_url": ""}, DPO)
    brand.configure({"upstream_url": "", "forwarding": "off"}, DPO)


HOME = "https://privacy.example.com"


@pytest.mark.parametrize(
    ("url", "home", "elsewhere"),
    [
        ("https://PRIVACY.example.com./track", HOME, False), ("https://privacy.example.com:443/", HOME, False),
        ("https://privacy.example.com:444/", HOME, True), ("http://privacy.example.com/", HOME, True),
        ("https://cdp.example.com/", HOME, True), ("", HOME, False),
        ("http://localhost:8000/x", "http://127.0.0.1:8000", False),
        ("http://[::1]:8000", "http://localhost:8000", False),
        ("http://127.0.0.1:9000", "http://127.0.0.1:8000", True),
        ("http://127.1:8000", "http://localhost:8000", False), ("http://0x7f.1:8000", "http://localhost:8000", False),
        ("http://2130706433:8000", "http://localhost:8000", False),
        ("http://[::ffff:127.0.0.1]:8000", "http://localhost:8000", False),
        ("http://192.0.2.1:8000", "http://192.0.2.1:8000", False), ("http://8.8:8000", "http://localhost:8000", True),
    ],
)  # fmt: skip
def test_an_address_is_compared_by_host_and_port(url: str, home: str, elsewhere: bool) -> None:
    assert leads_elsewhere(url, home) is elsewhere


def test_a_portal_that_was_given_its_upstreams_address_sends_itself_nothing(
    brand: Brand, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = track(brand, "u1")
    monkeypatch.setattr(settings, "PUBLIC_URL", upstream.url.removesuffix("/track"))
    later = track(brand, "u1")
    carry()
    assert (state(waiting), state(later), upstream.messages) == ("stored", "stored", [])


def test_it_is_in_force_at_the_door_within_a_second(brand: Brand) -> None:
    caller = Caller(brand)
    call = {"userId": "u1", "event": "Bought"}
    try:
        assert state(caller.taken("track", call)) == "forwarding"
        brand.configure({"forwarding": "off"}, DPO)
        until(lambda: state(caller.taken("track", call)) == "stored", 1)
    finally:
        caller.close()
