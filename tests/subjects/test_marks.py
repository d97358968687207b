"""Marks as a file: what is in it, and what is refused as one."""

import json
from io import BytesIO

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.subjects import marks
from privacy_portal.subjects.keys import anonymous_key, user_key
from privacy_portal.subjects.models import Subject
from tests.factories.events import identify, track
from tests.factories.regulations import ask, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def exported() -> list[bytes]:
    lines: list[str] = []
    marks.export(lines.append)
    return [line.encode() for line in lines]


def test_it_holds_who_is_gated_and_nobody_else(brand: Brand) -> None:
    identify(brand, "free", traits={"email": "free@example.com"})
    for type_value in ("suppress", "no_track", "suppress_and_delete"):
        carry_out(ask(brand, type_value, type_value))
    found = {mark.key: (mark.suppressed, mark.no_track, mark.erased) for mark in marks.read(exported()).in_force}
    assert found == {
        user_key(brand.path, "suppress"): (True, False, False),
        user_key(brand.path, "no_track"): (False, True, False),
        user_key(brand.path, "suppress_and_delete"): (True, False, True),
    }


def test_it_holds_the_devices_of_the_gated_and_whether_they_are_confirmed(brand: Brand) -> None:
    identify(brand, "u1", anonymousId="phone")
    track(brand, "u1", anonymousId="tablet", kind="js_tag")
    carry_out(ask(brand, "suppress", "u1"))
    (mark,) = marks.read(exported()).in_force
    assert mark.brand == brand.path
    assert mark.devices == {anonymous_key(brand.path, "phone"): True, anonymous_key(brand.path, "tablet"): False}


def test_it_names_nobody(brand: Brand) -> None:
    identify(brand, "u-unmistakable", anonymousId="d-unmistakable", traits={"email": "unmistakable@example.com"})
    carry_out(ask(brand, "suppress", "u-unmistakable", reason="unmistakable"))
    assert "unmistakable" not in b"".join(exported()).decode()


def test_one_of_another_subject_key_is_refused(brand: Brand) -> None:
    head, *rest = exported()
    foreign = json.dumps(json.loads(head) | {"check": "00" * 16}).encode()
    with pytest.raises(marks.BadMarks, match="another PORTAL_SUBJECT_KEY"):
        marks.read([foreign, *rest])


@pytest.mark.parametrize("damage", ["cut short", "a mark is missing", "half a line", "empty", "something else"])
def test_one_that_is_not_whole_is_refused(brand: Brand, damage: str) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    carry_out(ask(brand, "suppress", "u2"))
    lines = exported()
    damaged = {
        "cut short": lines[:-1],
        "a mark is missing": [lines[0], *lines[2:]],
        "half a line": [*lines[:-1], lines[-1][:5]],
        "empty": [],
        "something else": [b"{}", b"[]"],
    }
    with pytest.raises(marks.BadMarks):
        marks.read(damaged[damage])
    if damage != "a mark is missing":
        with pytest.raises(marks.BadMarks):
            marks.read_end(BytesIO(b"".join(damaged[damage])))


def test_the_last_word_about_a_person_holds(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    earlier = exported()
    carry_out(ask(brand, "unsuppress", "u1"))
    lines: list[str] = []
    marks.group(lines.append, Subject.objects.all(), timezone.now())
    assert marks.read([*earlier, *(line.encode() for line in lines)]).in_force == []


def test_what_follows_the_last_whole_group_says_nothing(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    whole = exported()
    cut_short = [*whole, whole[1].replace(b"true", b"false"), b'{"bra']
    found = marks.read(cut_short)
    assert [mark.suppressed for mark in found.in_force] == [True]
    assert found.size == sum(map(len, whole))
    found.by_key.clear()
    assert marks.read_end(BytesIO(b"".join(cut_short))) == found


def test_the_end_of_a_long_file_is_found(brand: Brand) -> None:
    head, closing = exported()
    mark = b'{"brand":"a/a/A","key":"' + b"0" * 32 + b'","suppressed":true}\n'
    first, last = ([head, closing], [closing.replace(b'"marks":0', b'"marks":5000')])
    lines = [*first, *[mark] * 5000, *last]
    assert marks.read_end(BytesIO(b"".join(lines))).size == sum(map(len, lines))
    assert marks.read_end(BytesIO(b"".join(lines)[:-1])).size == sum(map(len, first))
