import pytest

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from tests.commands.conftest import Run

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_it_makes_a_brand_once(run: Run) -> None:
    assert run("create_brand", "acme", "outlet", "OUTLET_DE").out == "Made brand acme/outlet/OUTLET_DE.\n"
    assert run("create_brand", "acme", "outlet", "OUTLET_DE").out == "Brand acme/outlet/OUTLET_DE was there already.\n"
    assert Brand.objects.count() == 1
    assert Entry.objects.filter(action="brand.created", actor_kind="command").count() == 1


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (("Acme", "acme", "ACME"), "CLIENT must be 1–63 letters in lower case, digits, - or _."),
        (("acme", "ACME", "ACME"), "ACCOUNT must be 1–63 letters in lower case, digits, - or _."),
        (("acme", "acme", "acme"), "BRAND must be 1–63 letters in upper case, digits, - or _."),
        (("acme", "acme", "AC ME"), "BRAND must be 1–63 letters in upper case, digits, - or _."),
        (("acme", "acme", "A" * 64), "BRAND must be 1–63 letters in upper case, digits, - or _."),
        (("acme", "a/b", "ACME"), "ACCOUNT must be 1–63 letters in lower case, digits, - or _."),
        (("", "acme", "ACME"), "CLIENT must be 1–63 letters in lower case, digits, - or _."),
        (("acme\n", "acme", "ACME"), "CLIENT must be 1–63 letters in lower case, digits, - or _."),
        (("acmé", "acme", "ACME"), "CLIENT must be 1–63 letters in lower case, digits, - or _."),
    ],
)
def test_it_refuses_another_case_and_other_letters(run: Run, path: tuple[str, ...], error: str) -> None:
    assert run("create_brand", *path).error == error
    assert not Brand.objects.exists()
