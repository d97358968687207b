"""Someone before a browser: opens pages, and checks each as a person would meet it."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.pages import check_page


@dataclass
class Visit:
    """`foreign`: requests to anyone but the portal; `errors`: what the browser's console complained of."""

    url: str
    page: Page
    width: int
    screenshots: Path
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, path: str) -> Response:
        answer = self.page.goto(self.url + path)
        assert answer
        return answer

    def check(self, name: str, path: str) -> None:
        """Open a page and look at it: valid, accessible, no wider than the window, nothing refused by its policy."""
        answer = self.open(path)
        assert answer.status == 200
        check_page(answer.text(), answer.headers)
        self.look(name)

    def look(self, name: str) -> None:
        """Check the page that is open, as it stands, and keep a picture of it."""
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=self.screenshots / f"{name}-{self.width}.png", full_page=True)
        found = Axe().run(self.page).response["violations"]
        told = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
        assert not told, told
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, "the page scrolls sideways"
        assert not self.errors, self.errors

    def first_link(self, path: str) -> str:
        """The address of the first row of a list of the console."""
        self.open(path)
        found = self.page.locator("#result_list a[href*='/change/']").first.get_attribute("href")
        assert found
        return urlsplit(found).path

    def _note(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(url)
