import pytest

from privacy_portal.brands.models import AuthToken, Brand
from privacy_portal.brands.secret import hashed
from tests.commands.conftest import Run

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("kind", ["server", "js_tag", "mobile"])
def test_it_prints_the_secret_alone_and_keeps_only_its_hash(run: Run, brand: Brand, kind: str) -> None:
    ran = run("create_auth_token", "acme", "acme", brand.code, "--kind", kind)
    secret = ran.out.removesuffix("\n")
    assert secret.startswith(f"pp_{kind}_")
    assert not any(letter.isspace() for letter in secret)
    token = AuthToken.objects.get()
    assert (token.kind, token.brand, token.rate, token.burst) == (kind, brand, 100, 500)
    assert bytes(token.digest) == hashed(secret)
    assert secret not in repr(vars(token))
    assert bytes(token.sealed) == b""


def test_two_calls_give_two_tokens(run: Run, brand: Brand) -> None:
    first = run("create_auth_token", "acme", "acme", brand.code, "--kind", "server").out
    second = run("create_auth_token", "acme", "acme", brand.code, "--kind", "server").out
    assert first != second
    assert AuthToken.objects.live().count() == 2


def test_without_a_brand_it_serves_the_whole_account(run: Run, brand: Brand) -> None:
    run("create_auth_token", "acme", "acme", "--kind", "server")
    token = AuthToken.objects.get()
    assert (token.brand, token.client, token.account) == (None, brand.client, brand.account)


def test_rate_burst_and_name_are_kept(run: Run, brand: Brand) -> None:
    line = ("--kind", "server", "--rate", "7", "--burst", "9", "--name", "orders")
    run("create_auth_token", "acme", "acme", brand.code, *line)
    token = AuthToken.objects.get()
    assert (token.rate, token.burst, token.name) == (7, 9, "orders")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (("acme", "acme", "NONE", "--kind", "server"), "There is no brand acme/acme/NONE"),
        (("acme", "acme", "", "--kind", "server"), "There is no brand acme/acme/: "),
        (("acme", "other", "--kind", "server"), "There is no brand of account acme/other: create_brand makes one."),
        (("acme", "acme", "--kind", "internal"), "invalid choice: 'internal'"),
        (("acme", "acme"), "the following arguments are required: --kind"),
        (("acme", "acme", "--kind", "server", "--rate", "0"), "--rate: must be a whole number from 1 to 1000000"),
        (("acme", "acme", "--kind", "server", "--burst", "-1"), "--burst: must be a whole number from 1 to 1000000"),
        (("acme", "acme", "--kind", "server", "--rate", "1.5"), "--rate: must be a whole number from 1 to 1000000"),
        (("acme", "acme", "--kind", "server", "--rate", "9" * 12), "--rate: must be a whole number from 1 to 1000000"),
        (("acme", "acme", "--kind", "server", "--name", "x" * 101), "--name: must be at most 100 printable characters"),
    ],
)
def test_it_refuses_and_makes_nothing(run: Run, brand: Brand, line: tuple[str, ...], error: str) -> None:
    ran = run("create_auth_token", *line)
    assert error in ran.error
    assert ran.out == ""
    assert not AuthToken.objects.exists()
