"""While the database is away: 503 and when to come back, to people in their words and to machines in a line."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from privacy_portal.preferences.links import PreferenceLink, issue_link
from privacy_portal.subjects.models import Subject
from tests.preferences.visitor import read

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
PAIR = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(subject: Subject) -> PreferenceLink:
    return issue_link(subject)


@pytest.fixture
def away(link: PreferenceLink) -> Iterator[None]:
    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("connection to 10.0.0.1 refused")

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def person() -> Client:
    return Client(raise_request_exception=False, headers={"accept": "text/html,*/*"})


@pytest.fixture
def machine() -> Client:
    return Client(raise_request_exception=False)


def test_a_person_is_told_to_come_back(away: None, link: PreferenceLink, person: Client) -> None:
    for address in (link.url, link.unsubscribe_url):
        for answer in (person.get(address), person.post(address, {**PAIR, "do": "stop"})):
            assert answer["Retry-After"] == "5"
            page = read(answer)
            assert (page.status, page.heading) == (503, "Please try again in a few minutes")
            assert "may not have been saved" in page.words
            assert b"10.0.0.1" not in answer.content


def test_a_mailbox_provider_is_asked_to_try_again(away: None, link: PreferenceLink, machine: Client) -> None:
    answer = machine.post(link.unsubscribe_url, PAIR)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.content == b"This service is not available at the moment. Please try again later.\n"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert not answer.cookies


def test_any_other_fault_is_one_of_ours(link: PreferenceLink, person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("jane@example.com")

    monkeypatch.setattr("privacy_portal.preferences.views.pages.choices", broken)
    answer = person.get(link.url)
    assert (answer.status_code, "Retry-After" in answer) == (500, False)
    assert b"jane" not in answer.content
