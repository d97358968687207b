"""What each role may do, per brand (contract A2)."""

from typing import Any

import pytest

from privacy_portal.brands.models import Brand, Role
from privacy_portal.subjects.models import Subject
from tests.factories.api import Caller, caller, refusal
from tests.factories.regulations import ask
from tests.rest.asking import asked

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
DENIED = (403, "permission_denied")


def has_passed(answer: Any) -> bool:
    """Not refused for the role; the state may refuse it."""
    return answer.status_code not in (401, 403, 404)


@pytest.mark.parametrize("type_value", ["suppress", "suppress_and_delete", "no_track", "access"])
def test_support_asks_for_closing_and_access(support: Caller, brand: Brand, type_value: str) -> None:
    assert support.post("regulations/", asked(brand, type_value)).status_code == 202


@pytest.mark.parametrize("type_value", ["unsuppress", "track", "delete"])
def test_support_asks_for_nothing_that_opens_or_only_erases(support: Caller, brand: Brand, type_value: str) -> None:
    answer = support.post("regulations/", asked(brand, type_value))
    assert refusal(answer) == DENIED
    assert "dpo, admin" in answer.json()["detail"]


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMIN])
@pytest.mark.parametrize("type_value", ["unsuppress", "track", "delete"])
def test_dpo_and_admin_ask_for_every_type(brand: Brand, role: str, type_value: str) -> None:
    assert has_passed(caller(role, brand).post("regulations/", asked(brand, type_value)))


def test_an_auditor_reads(auditor: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    for path in ("regulations/", f"regulations/{regulation.pk}/", f"subjects/{regulation.subject_id}/",
                 f"subjects/{regulation.subject_id}/consents/history/", "identify-updates/"):  # fmt: skip
        assert auditor.get(path).status_code == 200, path


def test_an_auditor_sees_ids_and_no_user_id(auditor: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    assert auditor.get(f"regulations/{regulation.pk}/").json()["user_id"] is None
    assert auditor.get(f"subjects/{regulation.subject_id}/").json()["user_id"] is None


def test_an_auditor_reads_the_words_that_were_written_with_a_request(auditor: Caller, brand: Brand) -> None:
    regulation = ask(brand, "suppress", "u1", reason="By letter", ticket_ref="T-1", intake="post")
    body = auditor.get(f"regulations/{regulation.pk}/").json()
    assert [body[name] for name in ("user_id", "reason", "ticket_ref", "intake")] == [None, "By letter", "T-1", "post"]


def test_an_auditor_changes_nothing_and_gets_no_zip(auditor: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    subject = regulation.subject_id
    for answer in (
        auditor.post("regulations/", asked(brand, "suppress")),
        auditor.post(f"regulations/{regulation.pk}/cancel/"),
        auditor.post(f"regulations/{regulation.pk}/retry/"),
        auditor.get(f"regulations/{regulation.pk}/export/"),
        auditor.post("subjects/", {"brand": brand.path, "user_id": "u1"}),
        auditor.post("subjects/lookup/", {"brand": brand.path, "user_id": "u1"}),
        auditor.patch(f"subjects/{subject}/consents/", {"channels": [{"channel": "email", "subscribed": False}]}),
        auditor.post(f"subjects/{subject}/preference-link/", {}),
    ):
        assert refusal(answer) == DENIED


def test_support_moves_nothing_and_gets_no_zip(support: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    for answer in (
        support.post(f"regulations/{regulation.pk}/cancel/"),
        support.post(f"regulations/{regulation.pk}/retry/"),
        support.get(f"regulations/{regulation.pk}/export/"),
    ):
        assert refusal(answer) == DENIED


def test_support_records_what_a_person_said_on_the_phone(support: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    channels = [{"channel": "email", "subscribed": False}]
    assert support.patch(f"subjects/{subject.pk}/consents/", {"channels": channels}).status_code == 200


def test_a_token_without_brands_serves_every_brand(brand: Brand, foreign: Brand) -> None:
    everywhere = caller(Role.SUPPORT)
    for one in (brand, foreign):
        assert everywhere.post("regulations/", asked(one, "access")).status_code == 202
