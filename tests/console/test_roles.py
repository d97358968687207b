"""Who sees what and may do what (contract A2, S4)."""

import pytest
from django.test import Client
from django.urls import reverse

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand, Role
from privacy_portal.console.navigation import GROUPS
from regulations.models import Regulation
from tests.console.conftest import PASSWORD, SignIn
from tests.factories.brands import make_brand
from tests.factories.regulations import ask

pytestmark = pytest.mark.django_db
ADD = "/admin/regulations/regulation/add/"


def _can_ask(client: Client, brand: Brand, kind: str) -> bool:
    answer = client.post(ADD, {"brand": brand.pk, "user_id": f"for {kind}", "type": kind})
    return answer.status_code == 302


def test_nobody_gets_in_without_signing_in(brand: Brand) -> None:
    for url in ("/admin/", "/admin/find/", ADD, "/admin/audit/entry/"):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/")


def test_support_asks_for_what_closes_the_gate_and_for_access(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPPORT, brand)
    asked = [
        kind for kind in ("suppress", "suppress_and_delete", "no_track", "access") if _can_ask(client, brand, kind)
    ]
    assert asked == ["suppress", "suppress_and_delete", "no_track", "access"]
    ask(brand, "suppress", "for unsuppress")
    ask(brand, "suppress", "for delete")
    assert not _can_ask(client, brand, "unsuppress")
    assert not _can_ask(client, brand, "delete")


def test_support_neither_cancels_nor_downloads(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(brand, "suppress", "maria")
    client = sign_in(Role.SUPPORT, brand)
    assert client.post(reverse("admin:regulations_regulation_cancel", args=[regulation.pk])).status_code == 403
    assert (
        "Cancel it"
        not in client.get(reverse("admin:regulations_regulation_change", args=[regulation.pk])).content.decode()
    )


def test_a_dpo_may_ask_for_every_type(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in(Role.DPO, brand)
    ask(brand, "suppress", "for delete")
    assert _can_ask(client, brand, "delete")


def test_an_auditor_reads_and_changes_nothing(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(brand, "suppress", "maria")
    client = sign_in(Role.AUDITOR, brand)
    assert client.get("/admin/audit/entry/").status_code == 200
    assert client.get(ADD).status_code == 403
    page = reverse("admin:regulations_regulation_change", args=[regulation.pk])
    assert client.get(page).status_code == 200
    for verb in ("cancel", "retry", "reveal"):
        assert client.post(page.replace("change", verb)).status_code == 403


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.DPO, Role.AUDITOR])
def test_only_an_admin_sees_settings_and_tokens(brand: Brand, sign_in: SignIn, role: str) -> None:
    client = sign_in(role, brand)
    for page in ("brand", "authtoken", "apitoken", "staffrole"):
        assert client.get(f"/admin/brands/{page}/").status_code == 403
    assert "Auth-tokens" not in client.get("/admin/").content.decode()


def test_the_sidebar_leads_to_pages_that_answer(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in()
    for _, items in GROUPS:
        for _, _, view, _ in items:
            assert client.get(reverse(f"admin:{view}")).status_code == 200


def test_what_belongs_to_another_brand_is_not_found(brand: Brand, sign_in: SignIn) -> None:
    regulation = ask(make_brand(), "suppress", "foreign")
    client = sign_in(Role.DPO, brand)
    assert client.get(reverse("admin:regulations_regulation_change", args=[regulation.pk])).status_code == 404
    assert client.get(reverse("admin:subjects_subject_change", args=[regulation.subject_id])).status_code == 404
    assert client.post(reverse("admin:regulations_regulation_cancel", args=[regulation.pk])).status_code == 404
    assert str(regulation.pk)[-8:] not in client.get("/admin/regulations/regulation/").content.decode()
    assert str(regulation.pk)[-8:] not in client.get("/admin/").content.decode()


def test_a_regulation_cannot_be_asked_for_under_a_foreign_brand(brand: Brand, sign_in: SignIn) -> None:
    assert not _can_ask(sign_in(Role.DPO, brand), make_brand(), "suppress")
    assert not Regulation.objects.exists()


def test_an_admin_of_one_brand_issues_no_token_for_another(brand: Brand, sign_in: SignIn) -> None:
    other, client = make_brand(), sign_in(Role.ADMIN, brand)
    assert client.post("/admin/brands/apitoken/add/", {"role": "admin", "brands": [other.pk]}).status_code == 422
    assert client.post("/admin/brands/apitoken/add/", {"role": "admin"}).status_code == 422
    form = {"kind": "server", "scope": f"account:{brand.client}/{brand.account}", "rate": 1, "burst": 1}
    assert client.post("/admin/brands/authtoken/add/", form).status_code == 422
    assert client.get("/admin/brands/brand/add/").status_code == 403


def test_a_superuser_without_a_role_is_an_admin_on_every_brand(brand: Brand, django_user_model: type) -> None:
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("root", password="x"))  # type: ignore[attr-defined]
    assert client.get("/admin/brands/brand/").status_code == 200


def test_a_user_who_is_not_staff_gets_nowhere(brand: Brand, django_user_model: type) -> None:
    client = Client()
    client.force_login(django_user_model.objects.create_user("someone", password="x"))  # type: ignore[attr-defined]
    assert client.get("/admin/").status_code == 302


def test_a_password_of_ones_own_is_changed_with_an_entry(sign_in: SignIn, brand: Brand) -> None:
    client, page = sign_in(Role.DPO, brand), reverse("admin:password_change")
    form = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    before = Entry.objects.count()
    assert client.post(page, form).status_code == 200
    assert Entry.objects.count() == before, "refused"
    fresh = "another one, long enough"
    assert client.post(page, form | {"new_password1": fresh, "new_password2": fresh}).status_code == 302
    entry = Entry.objects.latest("pk")
    assert (entry.action, entry.actor_id) == ("staff.set", entry.object_ref)
    assert entry.detail == {"role": "dpo", "brands": [brand.pk]}
