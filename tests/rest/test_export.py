"""Downloading the zip of an Access regulation (contract A2, G9)."""

import io
import zipfile

import pytest
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from regulations.models import Export, ExportStatus, Regulation
from tests.factories.api import Caller, refusal
from tests.factories.events import track
from tests.factories.regulations import ask, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def finished(brand: Brand) -> Regulation:
    track(brand, "u1")
    return carry_out(ask(brand, "access", "u1"))


def test_it_is_the_zip(dpo: Caller, finished: Regulation) -> None:
    answer = dpo.get(f"regulations/{finished.pk}/export/", Accept="application/zip")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as zipped:
        assert b"Product Added" in zipped.read("events.jsonl")


def test_it_asks_for_no_particular_accept(dpo: Caller, finished: Regulation) -> None:
    for accept in ("*/*", "application/json"):
        assert dpo.get(f"regulations/{finished.pk}/export/", Accept=accept).status_code == 200


def test_each_download_is_audited_before_the_first_byte(dpo: Caller, finished: Regulation) -> None:
    dpo.get(f"regulations/{finished.pk}/export/")
    entry = Entry.objects.get(action="export.downloaded")
    assert (entry.actor_id, entry.subject_ref) == (str(dpo.token.pk), finished.subject_id)


def test_one_that_has_not_finished_is_not_there_yet(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    answer = dpo.get(f"regulations/{regulation.pk}/export/", Accept="application/zip")
    assert refusal(answer) == (409, "not_finished")


@pytest.mark.parametrize("status", [ExportStatus.EXPIRED, ExportStatus.ERASED])
def test_one_that_went_is_gone(dpo: Caller, finished: Regulation, status: ExportStatus) -> None:
    finished.export.discard(status)
    assert refusal(dpo.get(f"regulations/{finished.pk}/export/")) == (410, "gone")


def test_one_past_its_time_is_gone_before_the_sweep_comes(dpo: Caller, finished: Regulation) -> None:
    Export.objects.update(expires_at=timezone.now())
    assert refusal(dpo.get(f"regulations/{finished.pk}/export/")) == (410, "gone")


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}])
def test_one_is_gone_from_when_its_file_went(dpo: Caller, finished: Regulation, headers: dict[str, str]) -> None:
    """An erasure takes the file before it says so: who asks in between is not told that there never was one."""
    storage().delete(finished.export.name)
    assert refusal(dpo.get(f"regulations/{finished.pk}/export/", **headers)) == (410, "gone")
    assert downloads() == 0


def test_other_types_have_none(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "no_track", "u1")
    assert refusal(dpo.get(f"regulations/{regulation.pk}/export/")) == (404, "not_found")


def test_a_cancelled_one_has_none(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    regulation.cancel(dpo.token.actor)
    assert refusal(dpo.get(f"regulations/{regulation.pk}/export/")) == (404, "not_found")


def downloads() -> int:
    return Entry.objects.filter(action="export.downloaded").count()


@pytest.fixture
def zipped(finished: Regulation) -> bytes:
    return storage().path(finished.export.name).read_bytes()


@pytest.fixture
def address(finished: Regulation) -> str:
    return f"regulations/{finished.pk}/export/"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=7-7", 7, 8),
        ("bytes=0-", 0, None),
        ("Bytes= 3-999999999", 3, None),
        ("bytes=-999999999", 0, None),
    ],
)
def test_one_range_is_handed_out(
    dpo: Caller, address: str, zipped: bytes, asked: str, start: int, stop: int | None
) -> None:
    answer = dpo.get(address, Range=asked)
    expected = zipped[start:stop]
    first = start % len(zipped)
    assert (answer.status_code, answer.getvalue()) == (206, expected)
    assert answer["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(zipped)}"
    assert answer["Content-Length"] == str(len(expected))
    assert (answer["Content-Type"], answer["Accept-Ranges"]) == ("application/zip", "bytes")
    assert answer["ETag"] == f'"{Export.objects.get().sha256}"'


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"])
def test_bytes_that_are_not_there_are_refused(dpo: Caller, address: str, zipped: bytes, asked: str) -> None:
    answer = dpo.get(address, Range=asked)
    assert refusal(answer) == (416, "range_not_satisfiable")
    assert answer["Content-Range"] == f"bytes */{len(zipped)}"
    assert downloads() == 0


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,4-5", "bytes=5-2", "bytes=-", "bytes", "bytes=a-b", "lines=0-1", "bytes=0-1x", "bytes=" + "9" * 5000],
)
def test_several_ranges_and_what_is_none_are_ignored(dpo: Caller, address: str, zipped: bytes, asked: str) -> None:
    answer = dpo.get(address, Range=asked)
    assert (answer.status_code, answer.getvalue()) == (200, zipped)
    assert answer["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in answer


def test_a_broken_download_goes_on_only_in_the_same_zip(dpo: Caller, address: str, zipped: bytes) -> None:
    etag = dpo.get(address)["ETag"]
    assert dpo.get(address, Range="bytes=10-", If_Range=etag).getvalue() == zipped[10:]
    for other in ('"another"', f"W/{etag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        answer = dpo.get(address, Range="bytes=999999999-", If_Range=other)
        assert (answer.status_code, answer.getvalue()) == (200, zipped), other


@pytest.mark.parametrize("known", ["{}", "W/{}", '"another", {}', "*"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_who_has_it_gets_nothing(dpo: Caller, address: str, zipped: bytes, known: str, method: str) -> None:
    etag = f'"{Export.objects.get().sha256}"'
    answer = getattr(dpo, method)(address, If_None_Match=known.format(etag), Range="bytes=0-9")
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert answer["Content-Length"] == str(len(zipped)), "a 304 may give no other length"
    assert downloads() == 0


def test_who_has_another_or_wants_this_one_gets_it(dpo: Caller, address: str, zipped: bytes) -> None:
    etag = f'"{Export.objects.get().sha256}"'
    assert dpo.get(address, If_None_Match='"another"').getvalue() == zipped
    assert dpo.get(address, If_Match=etag).getvalue() == zipped
    assert dpo.get(address, If_Match="*").getvalue() == zipped
    assert refusal(dpo.get(address, If_Match='"another"')) == (412, "precondition_failed")
    assert downloads() == 3


def test_head_tells_what_get_would_and_hands_out_nothing(dpo: Caller, address: str, zipped: bytes) -> None:
    told = dpo.head(address, Range="bytes=0-9")
    assert (told.status_code, told.content, told["Content-Length"]) == (200, b"", str(len(zipped)))
    assert downloads() == 0
    whole = dpo.get(address)
    names = set(whole.headers) - {"Content-Length"}
    assert {name: told.headers[name] for name in names} == {name: whole.headers[name] for name in names}


def test_each_part_is_a_download_of_its_own(dpo: Caller, address: str) -> None:
    for asked in ("bytes=0-9", "bytes=10-19"):
        dpo.get(address, Range=asked)
    assert downloads() == 2


def test_conditions_open_no_door(support: Caller, dpo: Caller, address: str) -> None:
    etag = f'"{Export.objects.get().sha256}"'
    assert refusal(support.get(address, If_None_Match=etag)) == (403, "permission_denied")
    Export.objects.update(expires_at=timezone.now())
    assert refusal(dpo.get(address, If_None_Match=etag, Range="bytes=999999999-")) == (410, "gone")
