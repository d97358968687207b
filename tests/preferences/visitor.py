"""A person with a browser without JavaScript: opens pages, ticks boxes, presses buttons, sends what the form holds.

Every page opened is also checked: valid HTML, title equal to heading, unique ids, labelled fields, the headers that
keep it private, no cookie, nothing loaded from elsewhere.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from django.http import HttpResponse
from django.test import Client

from privacy_portal.preferences.answer import HEADERS
from privacy_portal.preferences.links import issue_link
from privacy_portal.subjects.models import Subject


@dataclass
class Page:
    """`words`: all of its text, in single spaces."""

    status: int
    root: Element

    @property
    def words(self) -> str:
        body = self.root.find("body")
        assert body is not None
        return " ".join("".join(body.itertext()).split())

    @property
    def heading(self) -> str:
        return " ".join("".join(self.one("h1").itertext()).split())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        return [e for e in self.root.iter(tag) if all(e.get(name) == value for name, value in attributes.items())]

    def one(self, tag: str, **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    def has_button(self, do: str) -> bool:
        return bool(self.all("button", value=do))

    @property
    def ticked(self) -> set[str]:
        return {box.get("value", "") for box in self.all("input", type="checkbox") if box.get("checked") is not None}

    @property
    def states(self) -> dict[str, str]:
        """Each channel and what is said of it in words."""
        return {
            box.get("value", ""): " ".join("".join(self.one("p", id=f"about-{box.get('value')}").itertext()).split())
            for box in self.all("input", type="checkbox")
        }


@dataclass
class Visitor:
    """`url` is what they were sent; `page` what they look at."""

    url: str
    client: Client = field(
        default_factory=lambda: Client(headers={"accept": "text/html,*/*", "user-agent": "Browser/1"})
    )
    page: Page = field(init=False)
    at: str = field(init=False)

    def open(self, url: str = "", **headers: Any) -> Page:
        self.at = url or self.url
        self.page = read(self.client.get(self.at, headers=headers))
        return self.page

    def press(self, do: str = "", ticked: set[str] | None = None, **headers: Any) -> Page:
        """Submit the form with this button (none: without naming one), the boxes as they are or as given, and follow
        the redirect."""
        answer = self.send(self.form(do, ticked), **headers)
        if answer.status_code != 303:
            self.page = read(answer)
            return self.page
        return self.open(urljoin(self.at, answer["Location"]))

    def form(self, do: str = "", ticked: set[str] | None = None) -> dict[str, Any]:
        hidden = self.page.all("input", type="hidden")
        data: dict[str, Any] = {"shown": [box.get("value") for box in hidden if box.get("name") == "shown"]}
        data |= {"saved": [box.get("value") for box in hidden if box.get("name") == "saved"]}
        data["channel"] = sorted(self.page.ticked if ticked is None else ticked)
        return data | ({"do": do} if do else {})

    def send(self, form: dict[str, Any], **headers: Any) -> HttpResponse:
        answer = self.client.post(urlsplit(self.at).path, form, headers=headers)
        assert not answer.cookies
        return answer


def visit(subject: Subject) -> Visitor:
    """Issue a link and open it."""
    visitor = Visitor(issue_link(subject).url)
    visitor.open()
    return visitor


def read(answer: Any) -> Page:
    """Check and parse an answer."""
    for name, value in HEADERS.items():
        assert answer[name] == value, name
    assert not answer.cookies
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = Page(answer.status_code, parser.parse(answer.content.decode()))
    assert " ".join(page.one("title").itertext()) == page.heading
    ids = [element.get("id") for element in page.root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "ids are unique"
    labelled = {label.get("for") for label in page.all("label")}
    assert {box.get("id") for box in page.all("input", type="checkbox")} <= labelled
    assert {point for e in page.root.iter() for point in (e.get("aria-describedby") or "").split()} <= set(ids)
    assert {a.get("href", "")[1:] for a in page.all("a") if a.get("href", "").startswith("#")} <= set(ids)
    assert not page.all("script")
    assert not [e for e in page.root.iter() if e.get("style") or any(name.startswith("on") for name in e.attrib)]
    loaded = [e.get("href", "") for e in page.all("link")] + [e.get("src", "") for e in page.all("img")]
    assert all(address.startswith("/static/") for address in loaded)
    return page
