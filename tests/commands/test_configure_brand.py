import json

import pytest

from privacy_portal.audit.models import COMMAND, Entry
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS
from tests.commands.conftest import Run

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_without_a_pair_it_prints_every_setting_with_its_meaning(run: Run, brand: Brand) -> None:
    out = run("configure_brand", brand.path).out
    for setting in SETTINGS.values():
        assert f"\n{setting.name}=" in f"\n{out}"
        assert f"    {setting.meaning}\n" in out


def test_what_it_prints_can_be_typed(run: Run, brand: Brand) -> None:
    run("configure_brand", brand.path, "commands=Send Now,Resend", "sticky_withdrawal=off", "timezone=Europe/Berlin")
    before = dict(Brand.objects.get().values)
    lines = run("configure_brand", brand.path).out.splitlines()
    pairs = [line for line in lines if not line.startswith("    ") and not line.startswith("upstream_token")]
    assert not run("configure_brand", brand.path, *pairs).error
    values = Brand.objects.get().values
    assert {name: values[name] for name in before} == before
    assert all(
        values[name] == setting.default for name, setting in SETTINGS.items() if name in values and name not in before
    )


def test_lists_are_written_with_commas_or_as_json(run: Run, brand: Brand) -> None:
    run("configure_brand", brand.path, "channels=email, post", 'purposes=["Orders, returns", "Letters"]')
    brand.refresh_from_db()
    assert brand.channel_names == ["email", "post"]
    assert brand.channels[1]["label"] == "Post"
    assert brand.setting("purposes") == ["Orders, returns", "Letters"]
    out = run("configure_brand", brand.path).out
    assert 'purposes=["Orders, returns", "Letters"]\n' in out


def test_channels_may_be_names_in_json_too(run: Run, brand: Brand) -> None:
    run("configure_brand", brand.path, 'channels=["email", "fax"]')
    brand.refresh_from_db()
    assert [(each["name"], each["label"]) for each in brand.channels] == [("email", "Email"), ("fax", "Fax")]


@pytest.mark.parametrize("commands", [["[promo] sent"], [" a "], ["a, b", "c"], ["{x}"], ["plain", "words"]])
def test_a_list_reads_back_as_it_is_written(run: Run, brand: Brand, commands: list[str]) -> None:
    brand.configure({"commands": commands}, COMMAND)
    stored = brand.setting("commands")
    for roomy in (False, True):
        assert SETTINGS["commands"].parse(SETTINGS["commands"].written(stored, roomy=roomy)) == stored


@pytest.mark.parametrize("text", ["[privacy] mail us", "{ACME} GmbH"])
def test_a_text_may_begin_with_a_bracket(run: Run, brand: Brand, text: str) -> None:
    run("configure_brand", brand.path, f"contact={text}")
    brand.refresh_from_db()
    assert brand.setting("contact") == text


def test_a_secret_that_no_key_opens_hides_no_other_setting(run: Run, brand: Brand) -> None:
    Brand.objects.update(secrets=b"of another key")
    shown = run("configure_brand", brand.path).out
    assert "upstream_token=(set, and no key of PORTAL_ENCRYPTION_KEYS opens it)\n" in shown
    assert "timezone=UTC\n" in shown


def test_channels_as_objects_carry_label_meaning_and_basis(run: Run, brand: Brand) -> None:
    channel = {"name": "post", "label": "Letters", "meaning": "Our catalogue", "basis": "soft_opt_in"}
    run("configure_brand", brand.path, f"channels={json.dumps([channel])}")
    brand.refresh_from_db()
    assert brand.channels == [channel]


def test_a_secret_is_read_from_standard_input_and_never_shown(run: Run, brand: Brand) -> None:
    ran = run("configure_brand", brand.path, "upstream_token=-", stdin="their-secret\n")
    assert not ran.error
    brand.refresh_from_db()
    assert brand.setting("upstream_token") == "their-secret"
    assert b"their-secret" not in bytes(brand.secrets)
    out = run("configure_brand", brand.path).out
    assert "upstream_token=(set)\n" in out
    assert "their-secret" not in out + ran.out + json.dumps(list(Entry.objects.values_list("detail", flat=True)))


def test_a_secret_on_the_command_line_is_refused(run: Run, brand: Brand) -> None:
    error = run("configure_brand", brand.path, "upstream_token=abc").error
    assert error == (
        "upstream_token is a secret: give it on standard input, with upstream_token=-; nothing was stored."
    )
    assert "upstream_token=(not set)" in run("configure_brand", brand.path).out


def test_a_secret_is_emptied_without_standard_input(run: Run, brand: Brand) -> None:
    run("configure_brand", brand.path, "upstream_token=-", stdin="their-secret")
    run("configure_brand", brand.path, "upstream_token=")
    assert "upstream_token=(not set)" in run("configure_brand", brand.path).out


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        ("colour=blue", "colour is not a setting; the settings are channels, commands,"),
        ("timezone", "timezone must be followed by = and a value"),
        ("timezone=Mars/Olympus", "timezone must be a time zone such as Europe/Berlin"),
        ("deadline_rule=hipaa", "deadline_rule must be one of gdpr, ccpa"),
        ("sticky_withdrawal=perhaps", "sticky_withdrawal must be on or off"),
        ("upstream_url=ftp://x", "upstream_url must be an http:// or https:// address without user and password"),
        ("upstream_url=https://u:p@x", "upstream_url must be an http:// or https:// address without user and password"),
        (
            "upstream_url=http://x:99999/",
            "upstream_url must be an http:// or https:// address without user and password",
        ),
        (
            "upstream_url=http://x:port/",
            "upstream_url must be an http:// or https:// address without user and password",
        ),
        ("upstream_url=http://[x/", "upstream_url must be an http:// or https:// address without user and password"),
        ("upstream_status_url=http://x:0/{eventId}", "upstream_status_url must be an http:// or https:// address"),
        ("upstream_status_url=https://x/", "upstream_status_url must contain {eventId}"),
        ("channels=", "channels must list at least one channel"),
        ("channels=email,email", "channels must not name a channel twice"),
        ("channels=e-mail!", "channels must name each channel in 1–32 letters, digits, - or _"),
        ('channels=[{"name": "x", "basis": "love"}]', "channels must give each channel a basis of consent"),
        ('channels=[{"name": "x", "colour": "red"}]', "channels has an unknown member colour"),
        ("channels=[1]", "channels must hold objects"),
        ("channels=[", "channels must be valid JSON"),
        ("channels=" + "[" * 100_000, "channels must be valid JSON"),
        ("timezone=[1]", "timezone must be a time zone such as Europe/Berlin"),
        ("purposes=[1]", "purposes must be a list of words, separated by commas"),
        ('purposes=["a\\u0000b"]', "purposes must be text"),
        ("contact=\ud800", "contact must be text"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_rule_and_nothing_is_stored(
    run: Run, brand: Brand, pair: str, error: str
) -> None:
    refused = run("configure_brand", brand.path, "controller=Acme Ltd", pair).error
    assert refused.startswith(error)
    assert refused.endswith("; nothing was stored.")
    assert refused.count("\n") == 0
    brand.refresh_from_db()
    assert brand.values == {}


def test_a_setting_given_twice_is_refused(run: Run, brand: Brand) -> None:
    assert "timezone must be given once" in run("configure_brand", brand.path, "timezone=UTC", "timezone=UTC").error


def test_a_token_that_no_header_can_carry_is_refused(run: Run, brand: Brand) -> None:
    error = run("configure_brand", brand.path, "upstream_token=-", stdin="schlüssel\n").error
    assert error.startswith("upstream_token must be printable ASCII without spaces")


def test_an_unknown_brand_is_refused(run: Run, brand: Brand) -> None:
    error = run("configure_brand", "acme/acme/NONE").error
    assert error == f"There is no brand acme/acme/NONE: create_brand makes one (there are: {brand.path})."


def test_a_change_is_audited_by_name_alone(run: Run, brand: Brand) -> None:
    run("configure_brand", brand.path, "contact=privacy@acme.example")
    entry = Entry.objects.get(action="brand.configured")
    assert entry.detail == {"settings": ["contact"]}
