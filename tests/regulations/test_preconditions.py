"""What a regulation needs, and the code with which it is refused (contract §3, G1)."""

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from regulations.models import Regulation
from tests.factories.regulations import DPO, ask, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def refused(brand: Brand, type_value: str, user_id: str = "u1") -> str:
    with pytest.raises(Conflict) as refusal:
        ask(brand, type_value, user_id)
    return refusal.value.code


@pytest.mark.parametrize(
    ("type_value", "code"),
    [("delete", "not_suppressed"), ("unsuppress", "not_suppressed"), ("track", "not_no_track")],
)
def test_what_needs_a_closed_gate_is_refused_for_an_open_one(brand: Brand, type_value: str, code: str) -> None:
    assert refused(brand, type_value) == code
    assert not Subject.objects.exists(), "a refused request leaves nothing behind"


@pytest.mark.parametrize(("type_value", "code"), [("suppress", "already_suppressed"), ("no_track", "already_no_track")])
def test_what_is_done_already_is_refused(brand: Brand, type_value: str, code: str) -> None:
    carry_out(ask(brand, type_value, "u1"))
    assert refused(brand, type_value) == code


def test_the_same_type_open_for_the_same_person_is_refused_and_named(brand: Brand) -> None:
    first = ask(brand, "access", "u1")
    with pytest.raises(Conflict) as refusal:
        ask(brand, "access", "u1")
    assert refusal.value.code == "already_open"
    assert refusal.value.extra == {"open": str(first.pk)}


def test_an_open_suppress_is_already_open_before_it_is_already_suppressed(brand: Brand) -> None:
    ask(brand, "suppress", "u1")
    assert refused(brand, "suppress") == "already_open"


@pytest.mark.parametrize(
    ("closing", "opening", "flag"), [("suppress", "unsuppress", "suppressed"), ("no_track", "track", "no_track")]
)
def test_the_same_again_is_taken_where_its_undoing_is_open(brand: Brand, closing: str, opening: str, flag: str) -> None:
    first, undoing, again = (ask(brand, kind, "u1") for kind in (closing, opening, closing))
    undoing.refresh_from_db()
    assert undoing.status == "cancelled"
    first.cancel(DPO)
    assert getattr(Subject.objects.get(), flag), "the later one wants it closed"
    again.refresh_from_db()
    again.cancel(DPO)
    assert not getattr(Subject.objects.get(), flag)


def test_unsuppress_is_refused_while_an_erasure_is_open(brand: Brand) -> None:
    ask(brand, "suppress_and_delete", "u1")
    assert refused(brand, "unsuppress") == "erasure_open"


def test_the_same_type_for_someone_else_or_another_brand_is_taken(brand: Brand) -> None:
    ask(brand, "access", "u1")
    ask(brand, "access", "u2")
    assert Regulation.objects.count() == 2


def test_a_person_nobody_knows_is_flagged(brand: Brand) -> None:
    assert ask(brand, "suppress", "nobody").unknown_subject
    assert not ask(brand, "access", "nobody").unknown_subject
