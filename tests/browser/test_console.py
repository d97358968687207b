"""The console as staff meet it, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit
from tests.portal import Portal

# Axe takes seconds a page, and the whole product shares the machine with the browser.
pytestmark = pytest.mark.timeout(600)
REGULATIONS = "/admin/regulations/regulation/"
PAGES = {
    "console-home": "/admin/",
    "console-find": "/admin/find/",
    "console-regulations": REGULATIONS,
    "console-ask": f"{REGULATIONS}add/",
    "console-people": "/admin/subjects/subject/",
    "console-ledger": "/admin/consent/entry/",
    "console-events": "/admin/tracking/event/",
    "console-updates": "/admin/upstream/identifyupdate/",
    "console-exports": "/admin/regulations/export/",
    "console-auth-tokens": "/admin/brands/authtoken/",
    "console-api-tokens": "/admin/brands/apitoken/",
    "console-new-auth-token": "/admin/brands/authtoken/add/",
    "console-new-api-token": "/admin/brands/apitoken/add/",
    "console-staff": "/admin/brands/staffrole/",
    "console-audit": "/admin/audit/entry/",
}


def test_each_page_of_the_console_is_accessible(scene: Portal, staff: Visit) -> None:
    for name, path in PAGES.items():
        staff.check(name, path)


def test_the_page_of_a_regulation_a_person_and_a_brand_are_too(scene: Portal, staff: Visit) -> None:
    staff.check("console-regulation", staff.first_link(REGULATIONS))
    staff.check("console-person", staff.first_link("/admin/subjects/subject/"))
    staff.check("console-event", staff.first_link("/admin/tracking/event/"))
    staff.check("console-auth-token", staff.first_link("/admin/brands/authtoken/"))
    staff.check("console-brand", staff.first_link("/admin/brands/brand/"))


def test_signing_in_is_accessible(visit: Visit, portal: Portal) -> None:
    visit.open("/admin/login/")
    visit.look("console-sign-in")


def test_in_the_dark_the_browsers_own_controls_are_dark_too(scene: Portal, staff: Visit) -> None:
    staff.page.emulate_media(color_scheme="dark")
    staff.open(f"{REGULATIONS}add/")
    for field in ("[name=received_at]", "[name=type]"):
        assert staff.page.locator(field).first.evaluate("each => getComputedStyle(each).colorScheme") == "dark"
    staff.look("console-ask-dark")


@pytest.mark.parametrize("visit", [390], ids=["phone"], indirect=True)
def test_the_navigation_of_a_phone_is_worked_by_keyboard(scene: Portal, staff: Visit) -> None:
    page = staff.page
    button, away = page.locator("#nav-open"), page.get_by_role("button", name="Close the navigation")
    for leave in ("Escape", "Enter"):
        button.focus()
        expect(button).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(away).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Today")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press(leave)
        expect(button).to_be_focused()
        expect(away).to_be_hidden()
    page.keyboard.press("Enter")
    page.locator(".nav-user-button").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    expect(away).to_be_hidden()


def test_a_person_is_shown_on_demand_and_stands_in_no_address(scene: Portal, staff: Visit) -> None:
    staff.open("/admin/find/")
    staff.page.select_option("#person_brand", label="acme/acme/ACME")
    staff.page.fill("#person_user_id", "maria@example.com")
    staff.page.get_by_role("button", name="Find the person").click()
    staff.page.get_by_role("heading", name="Who it is").wait_for()
    assert "maria" not in staff.page.url
    assert "maria@example.com" not in staff.page.content()
    staff.page.get_by_role("button", name="Show who it is").click()
    staff.page.get_by_text("maria@example.com").wait_for()
    assert "maria" not in staff.page.url
    staff.look("console-person-shown")


def test_a_request_is_asked_for_by_hand(scene: Portal, staff: Visit) -> None:
    staff.open(f"{REGULATIONS}add/")
    staff.page.select_option("#id_brand", label="acme/acme/ACME")
    staff.page.fill("#id_user_id", f"by-hand-{staff.width}")
    staff.page.check("[name=type][value=no_track]")
    staff.page.get_by_role("button", name="Ask for it").click()
    staff.page.get_by_text("The gate is closed already").wait_for()
    staff.look("console-asked")
