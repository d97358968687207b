"""Where Django has no page to show, a person finds words and a way on, and a machine what it always got."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Role, StaffRole
from privacy_portal.preferences.answer import HEADERS
from tests.pages import check_page, every, text_of

PASSWORD = "a long enough password"
LARGEST = 30_000


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"accept": "text/html,*/*;q=0.8"})


@pytest.fixture
def make_staff(db: None) -> Callable[..., Any]:
    return lambda role=Role.SUPPORT: StaffRole.objects.ensure("sam", PASSWORD, role, (), actor=COMMAND)[0]


def checked(answer: HttpResponse, status: int, title: str) -> list[str]:
    """Look at a page of this status and heading; returns where its links lead."""
    assert answer.status_code == status
    tree = check_page(answer.content.decode(), dict(answer.headers))
    assert text_of(every(tree, "h1")[0]) == title
    assert {name: answer[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert any(meta.get("name") == "viewport" for meta in every(tree, "meta"))
    assert len(answer.content) < LARGEST
    assert b"DEBUG" not in answer.content
    return [link.get("href", "") for link in every(tree, "a")]


@pytest.mark.parametrize("address", ["/", "/nothing", "/nothing/", "/static/nothing.css", "/tag/1/"])
def test_an_address_that_is_none_says_so_without_the_database(browser: Client, address: str) -> None:
    assert checked(browser.get(address), 404, "There is no such page") == []


@pytest.mark.django_db
def test_in_the_console_it_leads_back_there(browser: Client, make_staff: Callable[..., Any]) -> None:
    browser.force_login(make_staff())
    for address in ("/admin/nothing/", "/admin/subjects/subject/01980000-0000-7000-8000-000000000000/change/"):
        assert checked(browser.get(address), 404, "There is no such page") == ["/admin/"]


@pytest.mark.django_db
def test_what_a_role_does_not_allow_is_refused_in_words(browser: Client, make_staff: Callable[..., Any]) -> None:
    browser.force_login(make_staff(Role.SUPPORT))
    assert checked(browser.get("/admin/brands/brand/add/"), 403, "You may not do this") == ["/admin/"]


@pytest.mark.django_db
def test_a_sign_in_left_open_while_another_tab_signed_in_leads_to_the_console(
    browser: Client, make_staff: Callable[..., Any]
) -> None:
    make_staff()
    tabs = [browser.get("/admin/login/").context["csrf_token"] for _ in range(2)]
    first, second = (
        browser.post(
            "/admin/login/?next=/admin/",
            {"username": "sam", "password": PASSWORD, "csrfmiddlewaretoken": str(token)},
        )
        for token in tabs
    )
    assert (first.status_code, first["Location"]) == (302, "/admin/")
    assert checked(second, 403, "This form was out of date") == ["/admin/"]
    assert browser.get("/admin/").status_code == 200


def test_a_request_that_is_none_of_ours_is_not_read(browser: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portal.example"]
    assert checked(browser.get("/admin/login/"), 400, "This could not be read") == ["/admin/"]
    assert checked(browser.get("/nothing/"), 400, "This could not be read") == []


def test_a_fault_of_ours_is_told_without_the_database(browser: Client, settings: Any) -> None:
    def broken(request: Any) -> str:
        raise RuntimeError("jane@example.com")

    settings.UNFOLD = {**settings.UNFOLD, "SITE_ICON": broken}
    answer = browser.get("/admin/login/")
    assert checked(answer, 500, "Something went wrong here") == ["/admin/"]
    assert b"jane" not in answer.content


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_a_machine_gets_the_line_it_always_got(accept: str) -> None:
    answer = Client(headers={"accept": accept} if accept else {}).get("/nothing/")
    assert answer.status_code == 404
    assert b"The requested resource was not found on this server." in answer.content
    assert b"stylesheet" not in answer.content


@pytest.mark.parametrize("method", ["get", "post"])
def test_below_api_it_is_a_problem_document_for_browsers_too(browser: Client, method: str) -> None:
    answer = getattr(browser, method)("/api/nothing/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
