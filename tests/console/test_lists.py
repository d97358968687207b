"""Each list and each page of a row answers, is valid, and shows what is there."""

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from privacy_portal.audit.models import COMMAND, Entry, seal
from privacy_portal.brands.models import ApiToken, AuthToken, Brand, Role, StaffRole
from privacy_portal.consent.models import Entry as LedgerEntry
from privacy_portal.consent.models import Preference
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.models import Export, Regulation, Step
from tests.console.conftest import SignIn
from tests.factories.events import identify
from tests.factories.regulations import ask, carry_out
from tests.pages import check_page

LISTS: list[type[Model]] = [
    Regulation, Step, Export, Subject, LedgerEntry, Preference, Event, IdentifyUpdate, Brand, AuthToken, ApiToken,
    StaffRole, Entry,
]  # fmt: skip


def _name(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.fixture
def filled(brand: Brand, sign_in: SignIn) -> Client:
    """A portal with at least one row of everything that a list shows."""
    client = sign_in()
    identify(brand, "maria", channels={"email": True}, anonymousId="laptop")
    carry_out(ask(brand, "access", "maria"))
    asked = ask(brand, "suppress", "jonas")
    IdentifyUpdate.objects.announce(asked.subject, channels=True)
    AuthToken.objects.issue("server", brand.client, brand.account, brand, actor=COMMAND)
    ApiToken.objects.issue(Role.SUPPORT, [brand], actor=COMMAND)
    seal()
    return client


def test_each_list_shows_its_rows_on_a_valid_page(filled: Client) -> None:
    for model in LISTS:
        answer = filled.get(reverse(f"admin:{_name(model)}_changelist"))
        assert answer.status_code == 200
        check_page(answer.content.decode(), dict(answer.headers))
        assert list(answer.context["cl"].result_list), model


def test_each_row_has_a_valid_page(filled: Client) -> None:
    for model in LISTS:
        row = model._default_manager.order_by("pk").first()
        assert row
        answer = filled.get(reverse(f"admin:{_name(model)}_change", args=[row.pk]))
        assert answer.status_code == 200
        check_page(answer.content.decode(), dict(answer.headers))


PAGES = ["index", "find", "regulations_regulation_add", "brands_brand_add", "brands_authtoken_add",
         "brands_apitoken_add"]  # fmt: skip


def test_each_form_is_on_a_valid_page(sign_in: SignIn, brand: Brand) -> None:
    client = sign_in()
    for page in PAGES:
        answer = client.get(reverse(f"admin:{page}"))
        assert answer.status_code == 200
        check_page(answer.content.decode(), dict(answer.headers))


def test_nothing_is_deleted_by_the_console(filled: Client) -> None:
    for model in LISTS:
        row = model._default_manager.order_by("pk").first()
        assert row
        page = reverse(f"admin:{_name(model)}_change", args=[row.pk])
        assert filled.post(page.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
        filled.post(
            reverse(f"admin:{_name(model)}_changelist"), {"action": "delete_selected", "_selected_action": row.pk}
        )
        assert model._default_manager.filter(pk=row.pk).exists()


def test_a_list_reads_as_much_for_many_rows_as_for_one(filled: Client, brand: Brand) -> None:
    few = {model: _queries(filled, model) for model in (Regulation, Step, Subject, LedgerEntry, IdentifyUpdate, Entry)}
    for number in range(12):
        ask(brand, "suppress", f"person {number}")
    for subject in Subject.objects.all():
        IdentifyUpdate.objects.announce(subject, channels=True)
    assert {model: _queries(filled, model) for model in few} == few


def _queries(client: Client, model: type[Model]) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(f"admin:{_name(model)}_changelist"))
    return len(queries)


@pytest.mark.parametrize("model", LISTS, ids=_name)
def test_no_column_is_asked_for_in_an_address_but_those_offered(filled: Client, model: type[Model]) -> None:
    address = reverse(f"admin:{_name(model)}_changelist")
    offered = {"subject", *(name for name in admin.site.get_model_admin(model).list_filter if isinstance(name, str))}
    columns = {name for field in model._meta.concrete_fields for name in (field.name, field.attname)} - offered
    joined = {f"{field.attname}__pk" for field in model._meta.concrete_fields if field.is_relation}
    for name in columns | joined | {"brand_id__staffrole__user__password", "nonsense"}:
        for lookup in (name, f"{name}__startswith", f"{name}__isnull"):
            assert filled.get(address, {lookup: "1"}).status_code == 400, lookup


@pytest.mark.parametrize(
    "query",
    [
        "in_brand=99999999999999999999999", "in_brand=%C2%B2", "status__regex=(", "type__iregex=[", "kind__regex=*",
        "created_at__year=10000", "created_at__gte=0001-01-01T00:00:00%2B14:00", "received_at__date=10000-1-1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", LISTS, ids=_name)
def test_an_address_of_nonsense_is_no_fault_of_ours(filled: Client, model: type[Model], query: str) -> None:
    answer = filled.get(f"{reverse(f'admin:{_name(model)}_changelist')}?{query}")
    assert answer.status_code in (200, 302, 400)
