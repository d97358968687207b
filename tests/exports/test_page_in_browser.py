"""index.html opened from a folder in a real browser, as a person opens it."""

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from privacy_portal.brands.models import Brand
from tests.factories.events import identify, track
from tests.factories.exports import access

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on the PATH"),
    pytest.mark.django_db(transaction=True),
]
VIEWS = [(320, "light"), (390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture
def address(brand: Brand, tmp_path: Path) -> str:
    long_name = "Ann" + "a" * 200
    identify(brand, "u1", traits={"firstName": long_name, "city": "Bonn"}, channels={"email": True, "sms": False})
    for number in range(25):
        track(brand, "u1", properties={"sku": f"A-{number}", "path": "/shoes/" * 30})
    file = tmp_path / "index.html"
    file.write_bytes(access(brand).files["index.html"])
    return file.as_uri()


def test_it_is_readable_by_everyone_at_every_width_and_asks_nobody_for_anything(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width, colours in VIEWS:
            asked: list[str] = []
            said: list[str] = []
            plain = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=colours)
            plain.on("request", lambda request, asked=asked: asked.append(request.url))
            plain.on("console", lambda message, said=said: said.append(message.text))
            plain.goto(address)
            assert asked == [address]
            assert not said, "its own policy allows its own style"
            assert plain.evaluate("document.documentElement.scrollWidth <= innerWidth")
            plain.close()
            examined = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme=colours,
                bypass_csp=True,
            )
            examined.goto(address)
            report = Axe().run(examined)
            assert report.violations_count == 0, report.generate_report()
            examined.close()
        browser.close()
