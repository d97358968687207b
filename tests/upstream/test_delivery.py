"""Identify updates over real HTTP: what is sent, and what is recorded of the answer (contract G6)."""

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Preference
from privacy_portal.subjects.errors import Conflict
from tests.factories.brands import make_brand
from tests.factories.events import identify
from tests.factories.regulations import DPO
from tests.factories.updates import announce, attempt
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_it_sends_every_channel_the_ledger_has_as_it_holds_them_at_the_attempt(
    brand: Brand, upstream: Upstream
) -> None:
    identify(brand, "u1", channels={"sms": True})
    update = announce(brand)
    identify(brand, "u1", channels={"email": False, "sms": False})
    attempt(update)
    (message,) = upstream.messages
    assert set(message) == {"userId", "event", "messageId", "traits", "timestamp"}
    assert message["traits"] == {
        "marketingPreferences": {
            "channels": [{"channel": "email", "subscribed": False}, {"channel": "sms", "subscribed": False}]
        }
    }
    assert upstream.tokens == ["their-token"]


def test_the_event_id_answered_is_recorded_and_its_status_asked(brand: Brand, upstream: Upstream) -> None:
    brand.configure({"upstream_status_url": upstream.url + "/events/{eventId}"}, DPO)
    upstream.status = json_answer(200, {"status": "stored"})
    upstream.answers = [json_answer(200, {"success": True, "eventId": "e-1"})]
    update = attempt(announce(brand))
    assert (update.status, update.event_ref, update.upstream_status) == ("delivered", "e-1", "stored")
    assert upstream.asked == ["/track/events/e-1"]


def test_an_event_id_is_no_part_of_an_address(brand: Brand, upstream: Upstream) -> None:
    brand.configure({"upstream_status_url": upstream.url + "/events/{eventId}"}, DPO)
    upstream.answers = [json_answer(200, {"success": True, "eventId": "a/../b?c#d e"})]
    attempt(announce(brand))
    assert upstream.asked == ["/track/events/a%2F..%2Fb%3Fc%23d%20e"]


@pytest.mark.parametrize("answer", [json_answer(404, {}), json_answer(405, {}), json_answer(200, b"[[["), None])
def test_an_upstream_that_does_not_tell_leaves_the_status_unknown(
    brand: Brand, upstream: Upstream, answer: object
) -> None:
    address = upstream.url + "/events/{eventId}" if answer else "http://127.0.0.1:9/{eventId}"
    brand.configure({"upstream_status_url": address}, DPO)
    upstream.status = answer or upstream.status  # type: ignore[assignment]
    update = attempt(announce(brand))
    assert (update.status, update.upstream_status) == ("delivered", "")
    assert len(upstream.messages) == 1


@pytest.mark.parametrize("host", ["status..acme.example", "xn--a.invalid"])
def test_a_host_that_nobody_could_be_asked_for_is_an_upstream_that_does_not_tell(
    brand: Brand, upstream: Upstream, host: str
) -> None:
    brand.configure({"upstream_status_url": f"http://{host}/{{eventId}}"}, DPO)
    update = attempt(announce(brand))
    assert (update.status, update.upstream_status) == ("delivered", "")
    brand.configure({"upstream_url": f"http://{host}/"}, DPO)
    update = attempt(announce(brand))
    assert (update.status, update.last_error) == ("failed", "upstream_url is not an address")


def test_a_failed_one_can_be_sent_again_by_hand(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {})]
    update = attempt(announce(brand))
    update.retry(DPO)
    assert attempt(update).status == "delivered"
    with pytest.raises(Conflict):
        update.retry(DPO)
    assert len({message["messageId"] for message in upstream.messages}) == 1


def test_an_update_of_another_brand_tells_this_one_something(brand: Brand) -> None:
    """As where one brand's upstream is another brand of this portal."""
    other = make_brand()
    identify(other, "u1", channels={"email": False}, messageId=str(announce(brand).pk))
    assert Preference.objects.get(subject__brand=other).subscribed is False
