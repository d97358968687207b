"""Every refusal is a problem document, whatever went wrong (contract A1; RFC 9457)."""

from io import StringIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from privacy_portal.brands.models import Brand
from privacy_portal.rest.problems import KINDS
from tests.factories.api import Caller, pointers, refusal
from tests.rest.asking import asked

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nope/", "/api/v2/regulations/", "/api/v1/regulations"])
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_an_address_nobody_knows_is_not_found(path: str, method: str) -> None:
    assert refusal(getattr(Client(enforce_csrf_checks=True), method)(path)) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api/docs/", "/api/problems/", "/api/schema/"])
def test_what_is_only_read_says_so(path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path).status_code == 405


@pytest.mark.parametrize("path", ["approve", "reject", "extend", "verify", "told", "certificate"])
def test_what_is_not_built_is_absent(dpo: Caller, path: str) -> None:
    assert refusal(dpo.post(f"regulations/01980000-0000-7000-8000-000000000000/{path}/")) == (404, "not_found")


def test_an_address_without_its_slash_is_told_so(dpo: Caller) -> None:
    assert "end with a slash" in dpo.post("regulations", {}).json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "regulations/", "GET, HEAD, POST"),
        ("delete", "regulations/", "GET, HEAD, POST"),
        ("options", "regulations/", "GET, HEAD, POST"),
        ("get", "subjects/", "POST"),
        ("get", "subjects/lookup/", "POST"),
        ("patch", "regulations/", "GET, HEAD, POST"),
    ],
)
def test_a_method_the_address_does_not_know_names_those_it_knows(
    dpo: Caller, method: str, path: str, allowed: str
) -> None:
    answer = getattr(Client(), method)(f"/api/v1/{path}", headers={"Authorization": f"Bearer {dpo.secret}"})
    assert refusal(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == allowed


def test_an_answer_that_cannot_be_had_in_that_form(dpo: Caller) -> None:
    assert refusal(dpo.get("regulations/", Accept="text/html")) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b"\xff\xfe", b'{"brand": NaN}', b'{"reason": "\\ud800"}', b"[" * 20_000, b'{"a":1}x',
     b"1" * 5000],
)  # fmt: skip
def test_a_body_that_is_no_json_is_malformed(dpo: Caller, body: bytes) -> None:
    assert refusal(dpo.post("regulations/", body)) in ((400, "malformed"), (400, "invalid"))


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1"])
def test_a_body_that_is_no_object_is_refused(dpo: Caller, body: bytes) -> None:
    assert pointers(dpo.post("regulations/", body))


def test_a_body_of_another_type_is_refused(dpo: Caller, brand: Brand) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = Client().post(
            "/api/v1/regulations/", b"{}", content_type=kind, headers={"Authorization": f"Bearer {dpo.secret}"}
        )
        assert refusal(answer) == (415, "unsupported_media_type")


def test_a_compressed_body_is_refused(dpo: Caller) -> None:
    answer = dpo.post("regulations/", b"\x1f\x8b", Content_Encoding="gzip")
    assert refusal(answer) == (415, "unsupported_media_type")


def test_a_body_over_a_mebibyte_is_refused(dpo: Caller, brand: Brand) -> None:
    answer = dpo.post("regulations/", asked(brand, reason="x" * 1_048_576))
    assert refusal(answer) == (413, "body_too_large")


def test_every_field_that_is_wrong_is_named(dpo: Caller) -> None:
    answer = dpo.post("regulations/", {"brand": 1, "type": "x", "user_id": ""})
    assert sorted(pointers(answer)) == ["#/brand", "#/type", "#/user_id"]
    for error in answer.json()["errors"]:
        assert set(error) == {"pointer", "code", "detail"}


def test_an_unexpected_error_shows_no_text_and_logs_none(
    dpo: Caller, brand: Brand, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("@".join(["jane", "example.com"]))

    monkeypatch.setattr("regulations.api.regulations.request_regulation", broken)
    answer = dpo.post("regulations/", asked(brand))
    assert refusal(answer) == (500, "unexpected")
    assert b"jane" not in answer.content
    assert "rest.failed error=RuntimeError view=" in log.getvalue()
    assert "in broken\n" in log.getvalue()
    assert "jane@example.com" not in log.getvalue()


def test_a_database_that_is_away_is_said_to_be(dpo: Caller) -> None:
    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("connection to 10.0.0.1 refused")

    with connection.execute_wrapper(away):
        answer = dpo.get("regulations/")
    assert refusal(answer) == (503, "unavailable")
    assert answer["Retry-After"] == "1"
    assert b"10.0.0.1" not in answer.content


def test_a_host_that_is_not_ours_is_refused_as_a_problem(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["portal.example"]
    answer = Client(raise_request_exception=False).get("/api/v1/regulations/", headers={"Host": "evil.example"})
    assert refusal(answer) == (400, "bad_request")


def test_every_code_is_explained_on_one_page() -> None:
    page = Client().get("/api/problems/").content.decode()
    for kind in KINDS.values():
        assert f'id="{kind.anchor}"' in page
        assert kind.title in page.replace("&#x27;", "'")
