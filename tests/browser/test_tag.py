"""The tag in a real browser, on a page of another site (contract T16): docs/tag.md is what the page is made of."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.shop import Shop, open_shop
from tests.browser.shopper import SENT, Shopper
from tests.end_to_end.speaking import Caller
from tests.portal import Portal
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)
CALLS = 'portal_tracking_calls_total{action="track"}'
REFUSED = 'portal_tracking_answers_total{action="batch",code="origin_not_allowed"'
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"


@pytest.fixture(scope="module")
def shop(portal: Portal) -> Iterator[Shop]:
    with open_shop() as shop:
        listed = portal.manage("configure_brand", portal.brand, f"allowed_origins={shop.origin}")
        assert listed.returncode == 0, listed.stderr
        yield shop


@pytest.fixture
def shopper(chromium: Browser, portal: Portal, shop: Shop) -> Iterator[Shopper]:
    context = chromium.new_context()
    shop.host = "localhost"
    shopper = Shopper(context.new_page(), shop, portal)
    yield shopper
    context.close()
    assert not [text for text in shopper.complaints if "Content Security Policy" in text]


@pytest.fixture(scope="module")
def caller(portal: Portal) -> Caller:
    return Caller(portal)


def test_without_consent_nothing_is_sent_and_nothing_kept(shopper: Shopper) -> None:
    shopper.open(first="portal.identify('u1'); portal.track('Early')")
    shopper.says("portal.track('Late'); portal.page('Route'); portal.reset(); portal.consent(false); portal.track('x')")
    told = shopper.debug()
    assert (told["sends"], told["held"], told["queued"]) == (False, 1, 0)
    assert told["why"].startswith("no consent")
    shopper.open("/second")  # leaving a page sends nothing either
    assert (shopper.requests, shopper.kept) == ([], {})


def test_where_the_site_has_left_no_room_each_event_is_sent_once(shopper: Shopper) -> None:
    fill = """
        let n = 0;
        const fits = (size) => {
            try { localStorage.setItem(`${size} ${n++}`, "x".repeat(size)); return true; } catch { return false; }
        };
        for (let size = 1 << 20; size; size >>= 1) while (fits(size));
        const one = Object.keys(localStorage).find((key) => localStorage[key].length > 400);
        localStorage.setItem(one, localStorage[one].slice(250));
    """
    shopper.open(first=f"{fill}portal.consent(true)")
    assert shopper.await_answers(1) == [200]
    shopper.says("portal.track('Later')")
    assert shopper.await_answers(2) == [200, 200]
    assert [[event["type"] for event in post] for post in shopper.posts] == [["page"], ["track"]]


def test_consent_sends_exactly_one_page_event_on_each_load(shopper: Shopper, caller: Caller) -> None:
    shopper.open("/first?email=me@example.com#secret")
    shopper.says("portal.consent(true); portal.consent(true)")
    assert shopper.await_answers(1) == [200]
    assert caller.status(shopper.event_id()) == "stored"
    shopper.open("/second", first="portal.consent(true)")
    assert shopper.await_answers(2) == [200, 200]
    first, second = shopper.events
    assert [event["type"] for event in shopper.events] == ["page", "page"]
    assert first["properties"] == {
        "url": f"{shopper.shop.origin}/first", "path": "/first", "title": "/first?email=me@example.com", "referrer": "",
    }  # fmt: skip
    assert second["properties"]["path"] == "/second"
    assert first["anonymousId"] == second["anonymousId"]
    assert first["messageId"] != second["messageId"]
    assert {request.method for request in shopper.requests} == {"POST"}  # no preflight


def test_what_was_called_before_is_replayed_in_order_with_its_time(shopper: Shopper) -> None:
    shopper.open(first="portal.page('Home', {step: 1}); portal.identify('u1', {plan: 'gold'}); portal.track('Early')")
    opened = shopper.says("new Date().toISOString()")
    shopper.says("portal.consent(true); portal.track('Late')")
    shopper.await_answers(1)
    assert [event["type"] for event in shopper.events] == ["page", "identify", "track", "track"]
    page, identify, early, late = shopper.events
    assert (page["name"], page["properties"]["step"], identify["traits"]) == ("Home", 1, {"plan": "gold"})
    assert page.get("userId") is None
    assert {event["userId"] for event in (identify, early, late)} == {"u1"}
    assert early["timestamp"] <= opened <= late["timestamp"]


def test_a_route_of_a_single_page_application_is_a_page(shopper: Shopper) -> None:
    shopper.open("/first", first="portal.consent(true)")
    shopper.says("history.pushState({}, '', '/second?q=1'); portal.page({list: 'new'})")
    shopper.await_answers(1)
    assert [event["properties"]["path"] for event in shopper.events] == ["/first", "/second"]
    assert shopper.events[1]["properties"]["list"] == "new"


@pytest.mark.parametrize("user", ["'é'.repeat(257)", r"'a\0b'"])
def test_a_user_id_that_the_door_refuses_is_not_kept(shopper: Shopper, user: str) -> None:
    """It would go into every later event of this browser, and none would be taken."""
    shopper.open(first="portal.consent(true); portal.identify('u1')")
    assert shopper.await_answers(1) == [200]
    shopper.says(f"portal.identify({user}); portal.track('Later')")
    assert shopper.await_answers(2) == [200, 200]
    assert shopper.events[-1]["userId"] == "u1"
    shopper.says(f"portal.identify({user})")
    assert "identify was left out: userId must be" in shopper.debug()["last"]


def test_global_privacy_control_is_stronger_than_consent(shopper: Shopper) -> None:
    shopper.open(first="portal.consent(true); portal.identify('u1')")
    shopper.await_answers(1)
    shopper.page.add_init_script(GPC)
    for data in ({}, {"consent": "none"}):
        shopper.open("/private", first="portal.consent(true); portal.track('Early')", **data)
        shopper.says("portal.track('Late')")
        assert shopper.debug()["why"] == "this browser sends Global Privacy Control"
        assert shopper.kept == {}
    shopper.open("/last")
    assert len(shopper.requests) == 1


def test_a_page_may_need_no_consent_and_an_opt_out_is_then_remembered(shopper: Shopper) -> None:
    shopper.open(consent="none")
    assert shopper.await_answers(1) == [200]
    shopper.says("portal.consent(false)")
    shopper.open("/second", consent="none", first="portal.track('Early')")
    assert shopper.kept == {"portal.optout": "1"}
    assert shopper.debug()["why"].startswith("this browser has opted out")
    shopper.open("/third", first="portal.consent(true)")  # nor does a page that asks send anything
    assert len(shopper.requests) == 1
    shopper.open("/fourth", consent="none")
    shopper.says("portal.consent(true)")
    assert shopper.await_answers(2) == [200, 200]
    assert [event["properties"]["path"] for event in shopper.events] == ["/", "/fourth"]


def test_withdrawal_clears_what_the_browser_keeps_and_what_was_not_sent(shopper: Shopper) -> None:
    shopper.open(first="portal.consent(true)")
    shopper.await_answers(1)
    shopper.page.context.set_offline(True)
    shopper.says("portal.track('Offline')")
    shopper.await_failures(1)
    assert shopper.debug()["queued"] == 1
    shopper.says("portal.consent(false); portal.track('Afterwards')")
    assert shopper.kept == {}
    shopper.page.context.set_offline(False)
    shopper.says("portal.consent(true); portal.track('Again')")
    shopper.await_answers(2)
    assert [event["event"] for event in shopper.posts[-1]] == ["Again"]


def test_who_hesitates_leaves_one_page_event(shopper: Shopper) -> None:
    shopper.open()
    shopper.says("portal.consent(true); portal.consent(false); portal.consent(true)")
    assert shopper.await_answers(1) == [200]
    assert [event["type"] for event in shopper.events] == ["page"]


def test_an_opt_out_holds_from_the_moment_it_is_there(shopper: Shopper) -> None:
    shopper.open(first="portal.consent(true)")
    shopper.await_answers(1)
    shopper.page.context.set_offline(True)
    shopper.says("portal.track('Offline')")
    shopper.await_failures(1)
    shopper.says("localStorage.setItem('portal.optout', '1'); portal.track('Afterwards')")
    assert shopper.kept == {"portal.optout": "1"}
    shopper.page.context.set_offline(False)
    shopper.says("localStorage.removeItem('portal.optout'); portal.track('Again')")
    shopper.await_answers(2)
    assert [event.get("event") for post in shopper.posts[2:] for event in post] == ["Again"]


def test_a_withdrawal_in_one_tab_is_one_in_the_others(shopper: Shopper, shop: Shop, portal: Portal) -> None:
    shopper.open(first="portal.consent(true)")
    shopper.await_answers(1)
    other = Shopper(shopper.page.context.new_page(), shop, portal)
    other.open("/second", first="portal.consent(true)")
    other.await_answers(1)
    shopper.says("portal.consent(false)")
    until(lambda: not other.debug()["sends"], SENT, "the other tab")
    other.says("portal.track('Afterwards')")
    assert (other.debug()["held"], other.kept) == (0, {})
    other.says("portal.consent(true); portal.track('Again')")
    other.await_answers(2)
    assert [event["event"] for event in other.posts[-1]] == ["Again"]


def test_what_could_not_be_sent_goes_again_with_the_same_message_id(shopper: Shopper, caller: Caller) -> None:
    shopper.open(first="portal.consent(true); portal.identify('later')")
    shopper.await_answers(1)
    shopper.page.context.set_offline(True)
    shopper.says("portal.track('Offline')")
    shopper.await_failures(1)
    assert shopper.debug()["why"].startswith("no answer")
    assert caller.regulate("suppress", "later")["status"] == "finished"
    shopper.page.context.set_offline(False)
    assert shopper.await_answers(2) == [200, 200]
    assert len({event["messageId"] for event in shopper.events if event.get("event") == "Offline"}) == 1
    assert caller.status(shopper.event_id()) == "suppressed"  # who was suppressed meanwhile stays out


def test_somebody_under_notrack_is_answered_200_and_nothing_is_stored(shopper: Shopper, caller: Caller) -> None:
    caller.regulate("no_track", "quiet")
    shopper.open(first="portal.identify('quiet'); portal.consent(true)")
    assert shopper.await_answers(1) == [200]
    assert caller.status(shopper.event_id()) == "not_tracked"


def test_reset_and_another_person_get_a_new_anonymous_id(shopper: Shopper) -> None:
    shopper.open(first="portal.consent(true); portal.identify('u1'); portal.identify('u1')")
    shopper.says("portal.identify('u2'); portal.reset(); portal.track('Afterwards')")
    shopper.await_answers(1)
    by_user = [(event["anonymousId"], event.get("userId")) for event in shopper.events if event["type"] != "page"]
    assert [user for _, user in by_user] == ["u1", "u1", "u2", None]
    assert by_user[0] == by_user[1]
    assert len({anonymous for anonymous, _ in by_user}) == 3
    shopper.open("/second")
    shopper.says("portal.reset()")  # at logout, before the banner has said anything
    assert shopper.state == {"queue": []}


def test_one_bad_event_does_not_hold_up_the_others(shopper: Shopper) -> None:
    shopper.open(first="portal.consent(true)")
    shopper.await_answers(1)
    shopper.says("portal.track('One'); portal.track(''); portal.track('Two', {deep: '['.repeat(20)})")
    assert shopper.await_answers(3) == [200, 400, 200]
    nested = "let deep = {}; for (let i = 0; i < 120; i++) deep = {deep};"
    shopper.says(f"{nested} portal.track('Three'); portal.track('Deep', deep); portal.track('Four')")
    shopper.await_answers(7)
    taken = [post for post, answer in zip(shopper.posts, shopper.responses, strict=True) if answer.status == 200]
    events = [event["event"] for post in taken for event in post if event["type"] == "track"]
    assert events == ["One", "Two", "Three", "Four"]
    shopper.says(
        "portal.track('Huge', {text: 'x'.repeat(40000)}); const own = {}; own.own = own; portal.track('O', own)"
    )
    assert "track was left out" in shopper.debug()["last"]


def test_half_a_character_is_sent_as_a_mark_and_spoils_nothing(shopper: Shopper) -> None:
    """As it comes of cutting a text in the middle of an emoji: no JSON that the door could take has it."""
    half = r"'cut \ud83d'"
    shopper.open(first=f"document.title = {half}; portal.consent(true)")
    shopper.says(f"portal.track('One'); portal.track({half}, {{[{half}]: {half}}})")
    shopper.says(r"portal.track('Two \\ud83d')")
    shopper.says("portal.identify('u-\\ud83d'); portal.track('Whole \U0001f600')")
    assert set(shopper.await_answers(2)) == {200}
    events = [event["event"] for event in shopper.events if event["type"] == "track"]
    assert events == ["One", "cut \ufffd", r"Two \ud83d", "Whole \U0001f600"]
    cut = next(event for event in shopper.events if event.get("event") == "cut \ufffd")
    assert cut["properties"] == {"cut \ufffd": "cut \ufffd"}
    assert cut["context"]["page"]["title"] == "cut \ufffd"
    assert shopper.events[-1]["userId"] == "u-\ufffd"


def test_what_came_too_fast_is_sent_again_later(shopper: Shopper, portal: Portal) -> None:
    made = portal.manage(
        "create_auth_token", *portal.brand.split("/"), "--kind", "js_tag", "--rate", "1", "--burst", "1"
    )
    shopper.open(token=made.stdout.strip(), first="portal.consent(true)")
    shopper.await_answers(1)
    shopper.says("portal.track('Second')")
    assert shopper.await_answers(3) == [200, 429, 200]


def counted(portal: Portal, metric: str) -> float:
    """What the portal had counted under this metric and these labels half a second ago."""
    lines = portal.get("/metrics").decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(metric))


@pytest.mark.parametrize("browser", ["", "delete Request.prototype.keepalive"], ids=["keepalive", "beacon"])
def test_what_happens_last_on_a_page_is_sent(shopper: Shopper, portal: Portal, browser: str) -> None:
    shopper.page.add_init_script(browser)
    shopper.open(first="portal.consent(true); addEventListener('pagehide', () => portal.track('Leaving'))")
    shopper.await_answers(1)
    before = counted(portal, CALLS)
    shopper.page.goto("about:blank")
    # A beacon may go twice, when the page is hidden and when it is left: the door knows it by its messageId.
    until(lambda: counted(portal, CALLS) > before, SENT, "the last event")


POST = """async ([address, token, body]) => {
  const headers = {"auth-token": token, "content-type": "application/json"};
  return fetch(address, {method: "POST", headers, body}).then((answer) => answer.json(), () => "unreadable");
}"""


def test_any_script_of_a_listed_page_may_post_json_and_read_refusals(shopper: Shopper, portal: Portal) -> None:
    shopper.open()
    address = f"{portal.url}/track/{portal.brand}/v1/track"

    def post(token: str, body: str) -> Any:
        return shopper.page.evaluate(POST, [address, token, body])

    good = '{"userId": "by-hand", "event": "Clicked"}'
    assert post(portal.js_token, good)["success"] is True
    assert post(portal.js_token, "{}")["message"] == "userId must not be empty"
    assert post("pp_js_tag_unknown", good)["code"] == "not_authorised"
    assert post(portal.server_token, good) == "unreadable"
    shopper.shop.host = "shop.localhost"
    shopper.open()
    assert post(portal.js_token, good) == "unreadable"


def test_a_page_that_is_not_listed_stores_nothing(shopper: Shopper, portal: Portal) -> None:
    before = counted(portal, REFUSED)
    shopper.shop.host = "shop.localhost"
    shopper.open(first="portal.consent(true)")
    shopper.await_failures(1)
    until(lambda: counted(portal, REFUSED) == before + 1, SENT, "the refusal")
    told = shopper.debug()
    assert told["why"].startswith("no answer")
    assert told["queued"] == 1
