"""The OpenAPI document and the pages about the API (contract A1)."""

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from openapi_spec_validator import validate

from privacy_portal.rest.problems import KINDS

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
OPERATIONS = {
    ("get", "/api/v1/regulations/"), ("post", "/api/v1/regulations/"), ("get", "/api/v1/regulations/{id}/"),
    ("post", "/api/v1/regulations/{id}/cancel/"), ("post", "/api/v1/regulations/{id}/retry/"),
    ("get", "/api/v1/regulations/{id}/export/"), ("post", "/api/v1/subjects/"), ("post", "/api/v1/subjects/lookup/"),
    ("get", "/api/v1/subjects/{id}/"), ("patch", "/api/v1/subjects/{id}/consents/"),
    ("get", "/api/v1/subjects/{id}/consents/history/"), ("post", "/api/v1/subjects/{id}/preference-link/"),
    ("get", "/api/v1/events/{event_id}/"), ("get", "/api/v1/identify-updates/"),
    ("get", "/api/v1/identify-updates/{id}/"), ("post", "/api/v1/identify-updates/{id}/retry/"),
}  # fmt: skip


@pytest.fixture
def document() -> Any:
    answer = Client().get("/api/schema/")
    assert answer.status_code == 200
    return answer.json()


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "patch", "put", "delete")
    }


def test_it_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_it_describes_every_operation_and_no_other(document: Any) -> None:
    assert set(operations(document)) == OPERATIONS


def test_each_operation_is_named_summed_up_and_needs_a_token(document: Any) -> None:
    found = operations(document)
    for place, operation in found.items():
        assert operation.get("summary"), place
        assert operation.get("description"), place
        assert operation["security"] == [{"apiToken": []}], place
    assert len({operation["operationId"] for operation in found.values()}) == len(found)


def test_every_code_is_in_it(document: Any) -> None:
    named = document["components"]["schemas"]["ProblemDetails"]["properties"]["code"]
    assert set(named["enum"]) == set(KINDS)
    described = {
        code
        for operation in operations(document).values()
        for response in operation["responses"].values()
        for code in re.findall(r"`(\w+)`", response.get("description", ""))
    }
    outside_of_endpoints = {"bad_request", "conflict", "method_not_allowed"}
    assert described >= set(KINDS) - outside_of_endpoints


LISTS = {
    "/api/v1/regulations/": {"brand", "type", "status", "subject", "overdue", "cursor", "limit"},
    "/api/v1/identify-updates/": {"brand", "subject", "status", "cursor", "limit"},
    "/api/v1/subjects/{id}/consents/history/": {"id", "cursor", "limit"},
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_described_as_a_page_with_its_parameters(document: Any, path: str) -> None:
    operation = document["paths"][path]["get"]
    named = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    page = document["components"]["schemas"][named]["properties"]
    assert set(page) == {"results", "next", "previous"}
    assert page["results"]["type"] == "array"
    assert {parameter["name"] for parameter in operation["parameters"]} >= LISTS[path]


def test_every_post_takes_an_idempotency_key(document: Any) -> None:
    for (method, path), operation in operations(document).items():
        names = [parameter["name"] for parameter in operation.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method == "post"), path


def test_its_parameters_hold_no_person(document: Any) -> None:
    names = {
        parameter["name"]
        for operation in operations(document).values()
        for parameter in operation.get("parameters", [])
    }
    assert not names & {"user_id", "email", "phone", "anonymous_id"}


@pytest.mark.parametrize("page", ["/api/docs/", "/api/problems/"])
def test_the_pages_are_open_and_load_nothing_from_elsewhere(page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    html = answer.content.decode()
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
    assert not re.search(r"<script(?![^>]* src=)", html)
    for static in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert finders.find(static), static
