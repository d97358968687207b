"""Brand settings: each value meets its rule, or is refused by name."""

from typing import Any

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import DEFAULT_CHANNELS, SETTINGS, BadBrandSetting
from tests.factories.brands import make_brand

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
def test_every_default_meets_its_own_rule(setting: Any) -> None:
    assert setting.checked(setting.default) == setting.default
    assert setting.meaning


NUMBERS = {"retention_days": (None, 1)}
"""Settings that are a number, and which of the values below are one."""


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
@pytest.mark.parametrize("value", [None, 1, 1.5, {}, {"a": 1}, [[]], "\x00", "\udc80"], ids=repr)
def test_no_value_of_another_shape_is_taken(setting: Any, value: Any) -> None:
    if value in NUMBERS.get(setting.name, ()):
        return
    with pytest.raises(BadBrandSetting, match=rf"^{setting.name} (must|has)"):
        setting.checked(value)


def test_the_five_channels_of_the_upstream_are_the_default(db: None) -> None:
    assert make_brand().channel_names == ["email", "sms", "whatsapp", "facebook", "push"]
    assert all(channel["basis"] == "consent" for channel in DEFAULT_CHANNELS)


def test_a_brand_is_configured_whole_or_not_at_all() -> None:
    brand = make_brand(timezone="Europe/Berlin")
    with pytest.raises(BadBrandSetting, match="deadline_rule must be one of gdpr, ccpa"):
        brand.configure({"timezone": "UTC", "deadline_rule": "never"}, COMMAND)
    assert Brand.objects.get(pk=brand.pk).setting("timezone") == "Europe/Berlin"


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(BadBrandSetting, match=r"^colour is not a setting"):
        make_brand().configure({"colour": "blue"}, COMMAND)


def test_settings_that_are_not_named_stay() -> None:
    brand = make_brand(timezone="Europe/Berlin", upstream_token="secret")
    brand.configure({"contact": "x"}, COMMAND)
    held = Brand.objects.get(pk=brand.pk)
    assert (held.setting("timezone"), held.setting("contact")) == ("Europe/Berlin", "x")
    assert held.setting("upstream_token") == "secret"


def test_a_sealed_secret_of_one_brand_does_not_open_in_another() -> None:
    from privacy_portal.brands.encryption import Undecryptable

    one, other = make_brand(upstream_token="secret"), make_brand()
    other.secrets = one.secrets
    with pytest.raises(Undecryptable):
        other.setting("upstream_token")


def test_origins_are_kept_as_browsers_write_them() -> None:
    written = "https://shop.example, http://localhost:3000,https://xn--mller-kva.example,http://[::1]:8080,https://shop.example"
    assert SETTINGS["allowed_origins"].parse(written) == [
        "https://shop.example", "http://localhost:3000", "https://xn--mller-kva.example", "http://[::1]:8080",
    ]  # fmt: skip


def test_what_no_browser_sends_as_an_origin_is_refused() -> None:
    refused = [
        "*", "null", "shop.example", "//shop.example", "https://", "ftp://shop.example", "https://shop.example/",
        "https://shop.example/path", "https://Shop.example", "HTTPS://shop.example", "https://shop.example:443",
        "http://shop.example:80", "https://shop.example:0", "https://shop.example:65536", "https://shop.example:",
        "https://*.shop.example", "https://me@shop.example", "https://müller.example", "https://shop.example?x",
        "https://shop.example#x", "https://shop.example.", "https://shop example", "https://-shop.example",
        "https://shop.example\n",
    ]  # fmt: skip
    for origin in refused:
        with pytest.raises(BadBrandSetting, match=r"^allowed_origins must list origins as browsers write them"):
            SETTINGS["allowed_origins"].checked([origin])


@pytest.mark.parametrize(("written", "days"), [("", None), ("1", 1), (" 30 ", 30), ("3650", 3650), (400, 400)])
def test_a_retention_is_a_number_of_days(written: object, days: int | None) -> None:
    assert SETTINGS["retention_days"].checked(written) == days


@pytest.mark.parametrize("written", ["0", "3651", "-1", "1.5", "30 days", "never", "٣", "99999", True, False, 0, 10**9])
def test_a_retention_out_of_range_is_refused_with_the_range(written: object) -> None:
    with pytest.raises(BadBrandSetting, match="retention_days must be a whole number of days from 1 to 3650, or empty"):
        SETTINGS["retention_days"].checked(written)
