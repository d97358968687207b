"""information.json: Art. 15(1)–(2) from the brand's settings."""

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS
from regulations.exports.information import ITEMS
from tests.factories.brands import make_brand
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_says_what_the_brand_has_stated(db: None) -> None:
    brand = make_brand(purposes="Billing, Newsletter", periods="Three years", authority="The <b>Commissioner</b>")
    export = access(brand)
    information = export.json("information.json")
    assert information["purposes"]["answer"] == ["Billing", "Newsletter"]
    assert information["periods"]["answer"] == ["Three years"]
    assert information["purposes"]["article"] == "Art. 15(1)(a)"
    assert "The &lt;b&gt;Commissioner&lt;/b&gt;" in export.page


def test_what_is_not_configured_is_said_to_be_not_configured(brand: Brand) -> None:
    recipients = access(brand).json("information.json")["recipients"]
    assert (recipients["configured"], recipients["answer"]) == (False, None)
    assert recipients["note"].startswith("Not configured")


def test_the_rights_are_listed(brand: Brand) -> None:
    articles = {right["article"] for right in access(brand).json("information.json")["rights"]}
    assert articles >= {"Art. 16", "Art. 17", "Art. 18", "Art. 21", "Art. 77"}


def test_every_item_asks_for_a_setting_there_is() -> None:
    assert {item.name for item in ITEMS} <= set(SETTINGS)
