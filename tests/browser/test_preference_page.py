"""The preference page in a real browser without JavaScript: from 320 px up, in both colour schemes, by keyboard."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.portal import Portal
from tests.waiting import until

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on the PATH")
WIDTHS = [320, 390, 1280]
PEOPLE = ["chooser", "keyboard", "tapper", *(f"at-{width}" for width in WIDTHS), "at-night", "stopped", "old"]
LONG = "Verfügbarkeitsbenachrichtigung"
WORDY = [
    {"name": "email", "label": LONG, "meaning": "Veranstaltungsbenachrichtigungen"},
    {"name": "sms", "label": "N" * 90, "meaning": f"{'M' * 60} {'m' * 90}"},
]
MAKE_LINKS = f"""
import json
from django.utils import timezone
from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.preferences.links import issue_link
from privacy_portal.preferences.models import PreferenceToken
from privacy_portal.subjects.models import Subject
brand = Brand.objects.at("acme/acme/ACME").get()
brand.configure({{"controller": "Acme Shop, 1 High Street", "contact": "privacy@acme.example"}}, COMMAND)
people = {{name: Subject.objects.ensure(brand, "page-" + name)[0] for name in {PEOPLE}}}
wordy = Brand.objects.ensure("acme", "acme", "WORDY", actor=COMMAND)[0]
wordy.configure({{"controller": "Donaudampfschifffahrtsgesellschaft" * 2, "channels": {WORDY}}}, COMMAND)
people["wordy"] = Subject.objects.ensure(wordy, "page-wordy")[0]
links = {{name: issue_link(person) for name, person in people.items()}}
people["stopped"].suppress()
PreferenceToken.objects.of(people["old"]).filter(kind="page").update(expires_at=timezone.now())
print(json.dumps({{name: (link.url, link.unsubscribe_url) for name, link in links.items()}}))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def links(portal: Portal) -> dict[str, tuple[str, str]]:
    """Page and unsubscribe address of each of PEOPLE."""
    made = portal.manage("shell", "-v", "0", "-c", MAKE_LINKS)
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preference-page")


def open_at(browser: Browser, url: str, width: int, scheme: str = "light") -> Page:
    """A browser of that width in which no script runs, with an eye on what is asked of whom."""
    context = browser.new_context(
        java_script_enabled=False, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(url)
    assert not [text for text in complaints if "404" not in text], complaints
    origin = "/".join(url.split("/")[:3])
    assert all(address.startswith(f"{origin}/") for address in asked), asked
    assert not context.cookies()
    return page


def check(browser: Browser, page: Page, picture: Path, scheme: str = "light") -> None:
    """No axe violation, nothing wider than the screen, everything to press at least 44 px high; keep a picture."""
    page.screenshot(path=picture, full_page=True)
    assert page.title() == page.locator("h1").inner_text()
    # Axe is a script, so it looks at the same HTML where scripts may run, with our policy set aside.
    look = browser.new_context(bypass_csp=True, viewport=page.viewport_size, color_scheme=scheme).new_page()
    html = page.content()
    look.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    look.goto(page.url)
    results = Axe().run(look)
    assert results.violations_count == 0, results.generate_report()
    assert look.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    sizes = look.evaluate("[...document.querySelectorAll('button, label')].map(e => e.getBoundingClientRect().height)")
    assert all(height >= 44 for height in sizes), sizes
    look.context.close()


def size_of(page: Page, button: str) -> tuple[float, float]:
    box = page.get_by_role("button", name=button).bounding_box()
    assert box
    return box["width"], box["height"]


def test_a_person_chooses_is_told_undoes_and_stops(
    browser: Browser, links: dict[str, tuple[str, str]], screenshots: Path
) -> None:
    page = open_at(browser, links["chooser"][0], 390)
    page.get_by_label("Email").check()
    page.get_by_role("button", name="Save").click()
    check(browser, page, screenshots / "390-saved.png")
    assert page.get_by_label("Email").is_checked()
    until(lambda: page.reload() and "has confirmed it" in page.get_by_role("status").inner_text(), 30, "confirmation")
    page.get_by_role("button", name="Stop all marketing").click()
    expect(page.locator("h1")).to_have_text("All marketing from Acme Shop is stopped")
    assert not page.get_by_label("Email").is_checked()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Email")).to_be_checked()
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [*((width, "light") for width in WIDTHS), (390, "dark")])
def test_it_is_accessible_at_every_width(
    browser: Browser, links: dict[str, tuple[str, str]], screenshots: Path, width: int, scheme: str
) -> None:
    person = "at-night" if scheme == "dark" else f"at-{width}"
    page = open_at(browser, links[person][0], width, scheme)
    check(browser, page, screenshots / f"{width}-{scheme}-opened.png", scheme)
    assert size_of(page, "Save") == size_of(page, "Stop all marketing")
    page.get_by_role("button", name="Stop all marketing").click()
    check(browser, page, screenshots / f"{width}-{scheme}-stopped.png", scheme)
    page.context.close()


def test_a_person_unsubscribes_from_a_mail(
    browser: Browser, links: dict[str, tuple[str, str]], screenshots: Path
) -> None:
    page = open_at(browser, links["chooser"][1], 320)
    check(browser, page, screenshots / "320-unsubscribe.png")
    page.get_by_role("button", name="Stop Email").click()
    check(browser, page, screenshots / "320-unsubscribed.png")
    expect(page.locator("h1")).to_have_text("Email from Acme Shop: stopped")
    page.context.close()


def test_it_works_by_keyboard_alone_with_a_visible_focus(browser: Browser, links: dict[str, tuple[str, str]]) -> None:
    page = open_at(browser, links["keyboard"][0], 390)
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.locator("#channel-email:focus-visible").count():
            break
    page.keyboard.press("Space")
    assert page.get_by_label("Email").is_checked()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Saved: what Acme Shop may send you")
    page.context.close()


def test_a_tap_anywhere_on_a_row_ticks_it(browser: Browser, links: dict[str, tuple[str, str]]) -> None:
    page = open_at(browser, links["tapper"][0], 390)
    row = page.locator(".channel", has_text="Text messages").bounding_box()
    assert row
    page.mouse.click(row["x"] + row["width"] - 8, row["y"] + row["height"] - 8)
    assert page.get_by_label("Text messages").is_checked()
    page.context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_long_words_are_broken_rather_than_the_page_widened(
    browser: Browser, links: dict[str, tuple[str, str]], screenshots: Path, width: int
) -> None:
    page, unsubscribe = (open_at(browser, link, width) for link in links["wordy"])
    check(browser, page, screenshots / f"{width}-long-words.png")
    page.get_by_label(LONG).check()
    page.get_by_role("button", name="Save").click()
    check(browser, page, screenshots / f"{width}-long-words-saved.png")
    check(browser, unsubscribe, screenshots / f"{width}-long-words-unsubscribe.png")
    for one in (page, unsubscribe):
        one.context.close()


def test_what_is_refused_is_listed_first_and_linked(
    browser: Browser, links: dict[str, tuple[str, str]], screenshots: Path
) -> None:
    page = open_at(browser, links["stopped"][0], 320)
    page.get_by_label("Email").check()
    page.get_by_role("button", name="Save").click()
    check(browser, page, screenshots / "320-refused.png")
    page.get_by_role("link", name="Email cannot be turned on").click()
    assert page.url.endswith("#channel-email")
    page.context.close()


def test_links_that_are_old_or_never_were_have_their_page(
    browser: Browser, links: dict[str, tuple[str, str]], portal: Portal, screenshots: Path
) -> None:
    for name, url in (("old", links["old"][0]), ("no-link", f"{portal.url}/p/{'A' * 22}/")):
        page = open_at(browser, url, 320)
        check(browser, page, screenshots / f"320-{name}.png")
        page.context.close()
