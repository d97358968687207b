"""Lists: pages by cursor, and filters (contract A1, A2)."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from privacy_portal.timestamps import written
from regulations.models import Regulation
from tests.factories.api import Caller, caller, pointers
from tests.factories.regulations import ask

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_pages_follow_one_another_and_back_under_equal_times(dpo: Caller, brand: Brand) -> None:
    made = [str(ask(brand, "access", f"u{number}").pk) for number in range(7)]
    Regulation.objects.update(created_at=timezone.now())
    first = dpo.get("regulations/", {"limit": 3})
    second = dpo.get(first.json()["next"])
    third = dpo.get(second.json()["next"])
    assert ids(first) + ids(second) + ids(third) == made[::-1]
    assert (first.json()["previous"], third.json()["next"]) == (None, None)
    assert ids(dpo.get(third.json()["previous"])) == ids(second)
    assert ids(dpo.get(dpo.get(third.json()["previous"]).json()["previous"])) == ids(first)


def test_a_longer_page_costs_no_more_queries(dpo: Caller, brand: Brand) -> None:
    for number in range(6):
        ask(brand, "suppress", f"u{number}")
    counted = []
    for limit in (1, 6):
        with CaptureQueriesContext(connection) as queries:
            assert len(ids(dpo.get("regulations/", {"limit": limit}))) == limit
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_what_is_added_meanwhile_shifts_no_page(dpo: Caller, brand: Brand) -> None:
    made = [str(ask(brand, "access", f"u{number}").pk) for number in range(4)]
    first = dpo.get("regulations/", {"limit": 2})
    ask(brand, "access", "late")
    assert ids(first) + ids(dpo.get(first.json()["next"])) == made[::-1]


def test_a_page_keeps_its_filters(dpo: Caller, brand: Brand) -> None:
    for number in range(3):
        ask(brand, "access", f"u{number}")
    following = dpo.get("regulations/", {"limit": 2, "type": "access"}).json()["next"]
    assert following.startswith("http://testserver/api/v1/regulations/?")
    assert "type=access" in following
    assert len(ids(dpo.get(following))) == 1


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1.5", "99999999999999999999", "²"])
def test_it_refuses_a_limit_that_is_none(dpo: Caller, limit: str) -> None:
    assert pointers(dpo.get("regulations/", {"limit": limit})) == ["#/limit"]


@pytest.mark.parametrize("cursor", ["x", "", "cD0xMjM=", "WzAsZmFsc2UsIngiXQ:forged"])
def test_it_refuses_a_cursor_it_did_not_give_out(dpo: Caller, cursor: str) -> None:
    assert pointers(dpo.get("regulations/", {"cursor": cursor})) == ["#/cursor"]


def test_it_refuses_a_cursor_of_another_list(dpo: Caller, brand: Brand) -> None:
    for number in range(3):
        ask(brand, "suppress", f"u{number}")
    histories = [f"subjects/{subject.pk}/consents/history/" for subject in Subject.objects.all()[:2]]
    for own in ["regulations/", *histories]:
        following = dpo.get(own, {"limit": 1}).json()["next"]
        assert dpo.get(following).status_code == 200
        cursor = parse_qs(urlsplit(following).query)["cursor"][0]
        for other in ["regulations/", "identify-updates/", *histories]:
            if other != own:
                assert pointers(dpo.get(other, {"cursor": cursor})) == ["#/cursor"], (own, other)


@pytest.fixture
def three(brand: Brand) -> list[Regulation]:
    return [ask(brand, "access", "u1"), ask(brand, "no_track", "u1"), ask(brand, "access", "u2")]


def test_filters_narrow_the_list(dpo: Caller, brand: Brand, three: list[Regulation]) -> None:
    first, second, third = three
    second.cancel(dpo.token.actor)
    for parameters, expected in (
        ({"type": "access"}, [third, first]),
        ({"status": "cancelled"}, [second]),
        ({"status": "scheduled", "type": "access"}, [third, first]),
        ({"subject": first.subject_id}, [second, first]),
        ({"brand": brand.path}, [third, second, first]),
        ({"created_after": written(second.created_at)}, [third]),
        ({"created_before": written(second.created_at)}, [first]),
        ({"received_before": "2020-01-01T00:00:00Z"}, []),
        ({"overdue": "false"}, [third, second, first]),
        ({"overdue": "true"}, []),
    ):
        assert ids(dpo.get("regulations/", parameters)) == [str(one.pk) for one in expected], parameters


def test_overdue_is_past_the_deadline_and_not_done(dpo: Caller, three: list[Regulation]) -> None:
    late = three[0]
    Regulation.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=1))
    assert ids(dpo.get("regulations/", {"overdue": "true"})) == [str(late.pk)]
    assert str(late.pk) not in ids(dpo.get("regulations/", {"overdue": "false"}))


def test_a_brand_among_several_is_filtered(brand: Brand, foreign: Brand) -> None:
    ask(brand, "access", "u1")
    other = ask(foreign, "access", "u1")
    assert ids(caller().get("regulations/", {"brand": foreign.path})) == [str(other.pk)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("type", "erase"), ("status", "done"), ("subject", "u1"), ("overdue", "yes"), ("created_after", "today"),
     ("received_before", "2026-13-01T00:00:00Z"), ("nope", "1"), ("user_id", "u1"), ("format", "json"),
     ("brand", "a\x00b")],
)  # fmt: skip
def test_it_refuses_a_filter_that_makes_no_sense(dpo: Caller, name: str, value: str) -> None:
    assert pointers(dpo.get("regulations/", {name: value})) == [f"#/{name}"]


FILTERS = ("brand", "type", "status", "subject", "overdue", "created_after", "received_before", "limit", "cursor")


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("value", ["", " ", "\u2003"])
def test_it_refuses_a_filter_left_empty(dpo: Caller, name: str, value: str) -> None:
    """It would list everything."""
    assert pointers(dpo.get("regulations/", {name: value})) == [f"#/{name}"]


@pytest.mark.parametrize(
    ("address", "query", "named"),
    [
        ("regulations/", "status=bogus&status=scheduled", ["#/status"]),
        ("regulations/", "type=access&type=access", ["#/type"]),
        ("regulations/", "limit=2&subject=&limit=3", ["#/limit", "#/subject"]),
        ("identify-updates/", "subject=", ["#/subject"]),
        ("identify-updates/", "status=failed&status=delivered", ["#/status"]),
    ],
)
def test_it_refuses_a_parameter_given_twice(dpo: Caller, address: str, query: str, named: list[str]) -> None:
    assert pointers(dpo.get(f"{address}?{query}")) == named


def test_one_row_knows_no_parameters(dpo: Caller, three: list[Regulation]) -> None:
    assert pointers(dpo.get(f"regulations/{three[0].pk}/", {"expand": "steps"})) == ["#/expand"]
