"""A real Chromium before the running product. Without one these tests are skipped by name."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.visit import Visit
from tests.portal import Portal
from tests.waiting import until

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of the browser's own: its scene holds requests that are stuck, which nobody else should find."""
    portal = Portal(tmp_path_factory.mktemp("browser")).start()
    try:
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with each module: while it runs, this thread has an event loop, which no test elsewhere may find."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on the PATH; Debian's package chromium brings one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def visit(chromium: Browser, portal: Portal, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visitor with a window of this width: nobody is signed in."""
    SCREENSHOTS.mkdir(exist_ok=True)
    context = chromium.new_context(viewport={"width": request.param, "height": 900}, locale="en-GB")
    visit = Visit(portal.url, context.new_page(), request.param, SCREENSHOTS)
    yield visit
    context.close()
    assert visit.foreign == [], "a page asked somebody else for something"


@pytest.fixture
def staff(visit: Visit, portal: Portal) -> Visit:
    """The same visitor, signed in to the console as an admin."""
    visit.open("/admin/login/")
    visit.page.fill("[name=username]", portal.staff_user)
    visit.page.fill("[name=password]", portal.staff_password)
    visit.page.click("button[type=submit]")
    visit.page.wait_for_url("**/admin/")
    return visit


@pytest.fixture(scope="session")
def scene(portal: Portal) -> Portal:
    """The portal with requests in every state; those that can finish have finished."""
    done = portal.manage("shell", stdin="from tests.browser.scene import make, settled\nmake()\n")
    assert done.returncode == 0, done.stderr
    ask = "from tests.browser.scene import settled\nprint('settled', settled())\n"
    until(lambda: "settled True" in portal.manage("shell", stdin=ask).stdout, 60, "the scene to settle", every=1)
    return portal


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.page
