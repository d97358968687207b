"""A repeated POST under one Idempotency-Key (contract A1)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from privacy_portal.brands.models import Brand, Role
from privacy_portal.rest.models import IdempotencyKey
from privacy_portal.subjects.models import Subject
from regulations.api import regulations as endpoint
from regulations.models import Regulation
from regulations.request import request_regulation
from tests.factories.api import Caller, caller, refusal
from tests.rest.asking import asked

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def post(who: Caller, body: Any, key: str = "k-1", path: str = "regulations/") -> Any:
    return who.post(path, body, Idempotency_Key=key)


def test_the_same_request_gets_the_same_object_and_nothing_is_done_twice(dpo: Caller, brand: Brand) -> None:
    first, again = post(dpo, asked(brand)), post(dpo, asked(brand))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert first["Location"] == again["Location"]
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Regulation.objects.count() == 1


def test_a_repeat_shows_the_object_as_it_is_by_then(dpo: Caller, brand: Brand) -> None:
    made = post(dpo, asked(brand)).json()
    Regulation.objects.get(pk=made["id"]).cancel(dpo.token.actor)
    assert post(dpo, asked(brand)).json()["status"] == "cancelled"


def test_quoted_and_bare_are_the_same_key(dpo: Caller, brand: Brand) -> None:
    post(dpo, asked(brand), '"k-1"')
    assert post(dpo, asked(brand), "k-1")["Idempotent-Replayed"] == "true"


def test_another_body_under_the_key_is_refused(dpo: Caller, brand: Brand) -> None:
    post(dpo, asked(brand))
    assert refusal(post(dpo, asked(brand, user_id="u2"))) == (422, "idempotency_key_reused")


def test_keys_belong_to_a_token_and_a_path(dpo: Caller, brand: Brand) -> None:
    made = post(dpo, asked(brand)).json()
    other = post(caller(Role.DPO, brand), asked(brand, user_id="u2"))
    assert "Idempotent-Replayed" not in other
    moved = post(dpo, None, path=f"regulations/{made['id']}/cancel/")
    assert (moved.status_code, moved.json()["status"]) == (200, "cancelled")


def test_a_move_is_replayed_too(dpo: Caller, brand: Brand) -> None:
    path = f"regulations/{post(dpo, asked(brand)).json()['id']}/cancel/"
    post(dpo, None, path=path)
    again = post(dpo, None, path=path)
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")


def test_a_status_is_replayed_as_it_was(dpo: Caller, brand: Brand) -> None:
    body = {"brand": brand.path, "user_id": "u1"}
    assert [post(dpo, body, path="subjects/").status_code for _ in range(2)] == [201, 201]


def test_a_link_is_replayed_as_it_was_made(dpo: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    path = f"subjects/{subject.pk}/preference-link/"
    assert post(dpo, {}, path=path).json() == post(dpo, {}, path=path).json()


def test_a_link_is_not_replayed_to_who_no_longer_serves_the_brand(dpo: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    path = f"subjects/{subject.pk}/preference-link/"
    post(dpo, {}, path=path)
    dpo.token.brands.clear()
    assert refusal(post(dpo, {}, path=path)) == (404, "not_found")


def test_a_refused_request_frees_the_key(dpo: Caller, brand: Brand) -> None:
    assert refusal(post(dpo, asked(brand, "delete"))) == (409, "not_suppressed")
    assert post(dpo, asked(brand)).status_code == 202


def test_a_crash_frees_the_key_with_the_effect(dpo: Caller, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashing(*args: Any) -> Regulation:
        request_regulation(*args)
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(endpoint, "request_regulation", crashing)
        assert refusal(post(dpo, asked(brand))) == (500, "unexpected")
    assert not Regulation.objects.exists()
    answer = post(dpo, asked(brand))
    assert (answer.status_code, "Idempotent-Replayed" in answer) == (202, False)


def test_while_the_first_is_running_a_second_is_told_to_wait(
    dpo: Caller, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*args: Any) -> Regulation:
        begun.set()
        assert go_on.wait(10)
        return request_regulation(*args)

    monkeypatch.setattr(endpoint, "request_regulation", slow)
    answers: list[Any] = []

    def first() -> None:
        try:
            answers.append(post(dpo, asked(brand)))
        finally:
            connection.close()

    running = threading.Thread(target=first)
    running.start()
    assert begun.wait(10)
    second = post(dpo, asked(brand))
    go_on.set()
    running.join(10)
    assert refusal(second) == (409, "idempotency_in_progress")
    assert second["Retry-After"] == "1"
    assert answers[0].status_code == 202
    assert post(dpo, asked(brand))["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", '""', "a b", "é", "x" * 256, '"open', 'a"b\x7f', "a, b"])
def test_it_refuses_what_is_no_key(dpo: Caller, brand: Brand, key: str) -> None:
    assert refusal(post(dpo, asked(brand), key)) == (400, "idempotency_key_invalid")


def test_a_key_may_be_255_characters(dpo: Caller, brand: Brand) -> None:
    assert post(dpo, asked(brand), "x" * 255).status_code == 202


def test_after_a_day_the_key_is_free(dpo: Caller, brand: Brand) -> None:
    post(dpo, asked(brand))
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert refusal(post(dpo, asked(brand))) == (409, "already_open")
    assert post(dpo, asked(brand, user_id="u2")).status_code == 202


def test_the_chore_deletes_what_is_older_than_a_day(dpo: Caller, brand: Brand) -> None:
    for key, age in (("old", 25), ("young", 23)):
        post(dpo, asked(brand, user_id=key), key)
        row = IdempotencyKey.objects.latest("pk")
        IdempotencyKey.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=age))
    IdempotencyKey.objects.expire()
    assert IdempotencyKey.objects.count() == 1


def test_it_keeps_nothing_personal(dpo: Caller, brand: Brand) -> None:
    post(dpo, asked(brand, user_id="jane@example.com"), "jane@example.com")
    row = IdempotencyKey.objects.values().get()
    assert b"jane" not in b"".join(bytes(row[name]) for name in ("key", "fingerprint", "sealed"))
    assert set(IdempotencyKey.objects.get().made) == {"regulation"}
