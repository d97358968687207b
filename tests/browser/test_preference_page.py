"""The preference page in a real browser without JavaScript: from 320 px up, in both colour schemes, by keyboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.portal import Portal
from tests.waiting import until

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on the PATH")
WIDTHS = [320, 390, 1280]
MAKE_LINK = """
from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.preferences.links import issue_link
from privacy_portal.subjects.models import Subject
brand = Brand.objects.at("acme/acme/ACME").get()
brand.configure({"controller": "Acme Shop, 1 High Street", "contact": "privacy@acme.example"}, COMMAND)
link = issue_link(Subject.objects.ensure(brand, %r)[0])
print(link.url, link.unsubscribe_url)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def links(portal: Portal, request: pytest.FixtureRequest) -> tuple[str, str]:
    """The two addresses of a person of this test's own."""
    made = portal.manage("shell", "-v", "0", "-c", MAKE_LINK % request.node.name)
    assert made.returncode == 0, made.stderr
    page, unsubscribe = made.stdout.split()[-2:]
    return page, unsubscribe


def open_at(browser: Browser, url: str, width: int, scheme: str = "light") -> Page:
    """A browser of that width in which no script runs, with an eye on what is asked of whom."""
    context = browser.new_context(
        java_script_enabled=False, color_scheme=scheme, viewport={"width": width, "height": 900}, device_scale_factor=1
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(url)
    assert not [text for text in complaints if "404" not in text], complaints
    origin = "/".join(url.split("/")[:3])
    assert all(address.startswith(f"{origin}/") for address in asked), asked
    assert not context.cookies()
    return page


def check(browser: Browser, page: Page, screenshots: Path, name: str) -> None:
    """No axe violation, nothing wider than the screen, everything to press at least 44 px high; keep a picture."""
    page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    assert page.title() == page.locator("h1").inner_text()
    # Axe is a script, so it looks at the same HTML in a page where scripts may run, with the policy of ours set aside.
    look = browser.new_context(bypass_csp=True, viewport=page.viewport_size).new_page()
    look.route("**/*", lambda route: route.fulfill(body=page.content(), content_type="text/html")
               if route.request.is_navigation_request() else route.continue_())  # fmt: skip
    look.goto(page.url)
    results = Axe().run(look)
    assert results.violations_count == 0, results.generate_report()
    assert look.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    heights = look.evaluate(
        "[...document.querySelectorAll('button, label')].map(e => e.getBoundingClientRect().height)"
    )
    assert all(height >= 44 for height in heights), heights
    look.context.close()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preference-page")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_person_chooses_stops_and_undoes(
    browser: Browser, links: tuple[str, str], screenshots: Path, width: int, scheme: str
) -> None:
    page = open_at(browser, links[0], width, scheme)
    name = f"{width}-{scheme}"
    check(browser, page, screenshots, f"{name}-1-opened")
    save, stop = (page.get_by_role("button", name=label).bounding_box() for label in ("Save", "Stop all marketing"))
    assert save
    assert stop
    assert (save["width"], save["height"]) == (stop["width"], stop["height"]), "both are the same size"
    page.get_by_label("Email").check()
    page.get_by_role("button", name="Save").click()
    check(browser, page, screenshots, f"{name}-2-saved")
    assert page.get_by_label("Email").is_checked()
    until(lambda: page.reload() and "has confirmed it" in page.get_by_role("status").inner_text(), 30, "confirmation")
    page.get_by_role("button", name="Stop all marketing").click()
    check(browser, page, screenshots, f"{name}-3-stopped")
    assert page.locator("h1").inner_text() == "All marketing from Acme Shop is stopped"
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_label("Email").is_checked()
    page.context.close()


def test_it_works_by_keyboard_alone_with_a_visible_focus(browser: Browser, links: tuple[str, str]) -> None:
    page = open_at(browser, links[0], 390)
    box = page.get_by_label("Email")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator("#channel-email:focus-visible").count():
            break
    page.keyboard.press("Space")
    assert box.is_checked()
    page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Saved: what Acme Shop may send you"
    page.context.close()


def test_a_tap_anywhere_on_a_row_ticks_it(browser: Browser, links: tuple[str, str]) -> None:
    page = open_at(browser, links[0], 390)
    row = page.locator(".channel", has_text="Text messages").bounding_box()
    assert row
    page.mouse.click(row["x"] + row["width"] - 8, row["y"] + row["height"] - 8)
    assert page.get_by_label("Text messages").is_checked()
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_person_unsubscribes_from_a_mail(
    browser: Browser, links: tuple[str, str], screenshots: Path, width: int
) -> None:
    page = open_at(browser, links[1], width)
    check(browser, page, screenshots, f"{width}-unsubscribe")
    page.get_by_role("button", name="Stop Email").click()
    check(browser, page, screenshots, f"{width}-unsubscribed")
    assert page.locator("h1").inner_text() == "Email from Acme Shop: stopped"
    page.context.close()


def test_a_link_that_does_not_work_has_a_page_too(browser: Browser, portal: Portal, screenshots: Path) -> None:
    page = open_at(browser, f"{portal.url}/p/{'A' * 22}/", 320)
    check(browser, page, screenshots, "320-no-link")
    page.context.close()
