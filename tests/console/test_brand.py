"""A brand is set up on a page made from the schema of its settings."""

import pytest

from privacy_portal.audit.models import COMMAND, Entry
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS
from tests.console.conftest import SignIn
from tests.pages import check_page, plain

pytestmark = pytest.mark.django_db


def page(brand: Brand) -> str:
    return f"/admin/brands/brand/{brand.pk}/change/"


def filled(brand: Brand, sign_in: SignIn, **changes: str) -> dict[str, str]:
    """The form as the page shows it, with these changes."""
    form = sign_in().get(page(brand)).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def test_every_setting_stands_there_with_its_meaning(brand: Brand, sign_in: SignIn) -> None:
    answer = sign_in().get(page(brand))
    text = plain(answer.content.decode())
    for setting in SETTINGS.values():
        assert f'name="{setting.name}"' in answer.content.decode()
    assert "legal deadlines end at midnight there" in text


def test_saving_changes_what_was_changed_and_nothing_else(brand: Brand, sign_in: SignIn) -> None:
    form = filled(brand, sign_in, timezone="America/New_York", purposes="news, orders", sticky_withdrawal="off")
    assert sign_in().post(page(brand), form).status_code == 302
    brand.refresh_from_db()
    assert brand.values == {"timezone": "America/New_York", "purposes": ["news", "orders"], "sticky_withdrawal": False}
    assert Entry.objects.filter(action="brand.configured").last().detail["settings"] == [
        "purposes",
        "sticky_withdrawal",
        "timezone",
    ]


def test_channels_saved_as_shown_stay_as_they_are(brand: Brand, sign_in: SignIn) -> None:
    sign_in().post(page(brand), filled(brand, sign_in))
    brand.refresh_from_db()
    assert brand.values == {"timezone": "Europe/Berlin"}


def test_a_stale_page_changes_only_what_was_edited_on_it(brand: Brand, sign_in: SignIn) -> None:
    form = filled(brand, sign_in, timezone="America/New_York")
    brand.configure({"contact": "new@one.example", "retention_days": 90}, COMMAND)
    answer = sign_in().post(page(brand), form, follow=True)
    assert "Saved: timezone." in plain(answer.content.decode())
    brand.refresh_from_db()
    assert brand.values == {"timezone": "America/New_York", "contact": "new@one.example", "retention_days": 90}


def test_what_someone_else_changed_since_is_refused_and_shown_as_it_is(brand: Brand, sign_in: SignIn) -> None:
    brand.configure({"retention_days": 30}, COMMAND)
    form = filled(brand, sign_in, retention_days="60", contact="desk@one.example")
    brand.configure({"retention_days": ""}, COMMAND)
    client = sign_in()
    answer = client.post(page(brand), form)
    assert answer.status_code == 422
    check_page(answer.content.decode())
    shown = answer.context["form"]
    assert list(shown.errors) == ["retention_days"]
    assert "Changed by someone else since you opened this page" in plain(answer.content.decode())
    assert "You wrote: 60" in plain(answer.content.decode())
    assert (shown["retention_days"].value(), shown["contact"].value()) == ("", "desk@one.example")
    brand.refresh_from_db()
    assert brand.values == {"timezone": "Europe/Berlin", "retention_days": None}
    again = {name: shown[name].value() or "" for name in shown.fields}
    client.post(page(brand), again | {"retention_days": "60"})
    brand.refresh_from_db()
    assert brand.values == {"timezone": "Europe/Berlin", "retention_days": 60, "contact": "desk@one.example"}


def test_a_script_that_was_shown_no_form_edits_what_is_now(brand: Brand, sign_in: SignIn) -> None:
    form = filled(brand, sign_in, timezone="America/New_York")
    del form["shown"]
    assert sign_in().post(page(brand), form).status_code == 302
    brand.refresh_from_db()
    assert brand.values == {"timezone": "America/New_York"}


def test_a_form_that_says_wrongly_what_it_showed_changes_nothing(brand: Brand, sign_in: SignIn) -> None:
    for said in ("[]", "{", '{"timezone": 1}'):
        answer = sign_in().post(page(brand), filled(brand, sign_in, timezone="America/New_York", shown=said))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["timezone"])
    brand.refresh_from_db()
    assert brand.values == {"timezone": "Europe/Berlin"}


def test_each_broken_rule_stands_beside_its_field_and_nothing_is_saved(brand: Brand, sign_in: SignIn) -> None:
    form = filled(brand, sign_in, timezone="Mars", upstream_url="ftp://x", channels="[", contact="new")
    answer = sign_in().post(page(brand), form)
    assert answer.status_code == 422
    check_page(answer.content.decode())
    assert set(answer.context["form"].errors) == {"timezone", "upstream_url", "channels"}
    assert "timezone must be a time zone such as Europe/Berlin" in plain(answer.content.decode())
    brand.refresh_from_db()
    assert brand.setting("contact") == ""


def test_a_secret_is_written_and_never_shown(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in()
    client.post(page(brand), filled(brand, sign_in, upstream_token="very-secret"))
    brand.refresh_from_db()
    assert brand.setting("upstream_token") == "very-secret"
    assert "very-secret" not in client.get(page(brand)).content.decode()
    client.post(page(brand), filled(brand, sign_in))
    brand.refresh_from_db()
    assert brand.setting("upstream_token") == "very-secret"
    client.post(page(brand), filled(brand, sign_in, upstream_token="-"))
    brand.refresh_from_db()
    assert brand.setting("upstream_token") == ""


def test_a_brand_is_made_and_a_wrong_case_refused(sign_in: SignIn, db: None) -> None:
    client = sign_in()
    assert (
        client.post("/admin/brands/brand/add/", {"client": "shop", "account": "shop", "code": "SHOP"}).status_code
        == 302
    )
    assert Brand.objects.at("shop/shop/SHOP").exists()
    for form, field in (({"client": "Shop"}, "client"), ({"code": "shop"}, "code"), ({}, "code")):
        answer = client.post("/admin/brands/brand/add/", {"client": "shop", "account": "shop", "code": "SHOP", **form})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
