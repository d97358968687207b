import pytest

from privacy_portal.brands.models import ApiToken, Brand, Role
from privacy_portal.brands.secret import hashed
from tests.commands.conftest import Run
from tests.factories.brands import make_brand

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("role", Role.values)
def test_it_prints_the_secret_alone_and_keeps_only_its_hash(run: Run, brand: Brand, role: str) -> None:
    secret = run("create_api_token", "--role", role, "--brand", brand.path, "--name", "help desk").out.removesuffix(
        "\n"
    )
    assert secret.startswith("pp_api_")
    assert not any(letter.isspace() for letter in secret)
    token = ApiToken.objects.get()
    assert (token.role, token.name, list(token.allowed_brands())) == (role, "help desk", [brand])
    assert bytes(token.digest) == hashed(secret)
    assert ApiToken.objects.presented(secret) == token


def test_without_a_brand_it_serves_every_brand_and_those_made_later(run: Run, brand: Brand) -> None:
    run("create_api_token", "--role", "admin")
    later = make_brand()
    assert set(ApiToken.objects.get().allowed_brands()) == {brand, later}


def test_it_may_serve_several_brands_and_no_other(run: Run, brand: Brand) -> None:
    second, _ = make_brand(), make_brand()
    run("create_api_token", "--role", "dpo", "--brand", brand.path, "--brand", second.path)
    assert set(ApiToken.objects.get().allowed_brands()) == {brand, second}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (("--role", "boss"), "invalid choice: 'boss'"),
        ((), "the following arguments are required: --role"),
        (("--role", "dpo", "--brand", "acme/acme/NONE"), "There is no brand acme/acme/NONE"),
        (("--role", "dpo", "--brand", ""), "There is no brand "),
    ],
)
def test_it_refuses_and_makes_nothing(run: Run, brand: Brand, line: tuple[str, ...], error: str) -> None:
    ran = run("create_api_token", *line)
    assert error in ran.error
    assert ran.out == ""
    assert not ApiToken.objects.exists()
