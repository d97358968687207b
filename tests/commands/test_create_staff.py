import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import Client

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand, StaffRole
from tests.commands.conftest import Run
from tests.factories.brands import make_brand

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long way to Tipperary"


def test_it_makes_someone_who_may_sign_in(run: Run, brand: Brand) -> None:
    ran = run(
        "create_staff", "maria", "--role", "dpo", "--brand", brand.path, "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    assert ran.out == "Made maria, dpo.\n"
    user = authenticate(username="maria", password=PASSWORD)
    assert user is not None
    assert user.is_staff
    role = StaffRole.objects.get(user=user)
    assert (role.role, list(role.allowed_brands())) == ("dpo", [brand])
    assert PASSWORD not in repr(Entry.objects.values_list("detail"))


def test_whoever_it_makes_can_sign_in_by_the_name_that_was_given(run: Run, brand: Brand) -> None:
    run("create_staff", "\ufb01ona", "--role", "dpo", "--password-stdin", stdin="a long enough password\n")
    form = {"username": "\ufb01ona", "password": "a long enough password"}
    assert Client().post("/admin/login/", form).status_code == 302


def test_it_sets_password_role_and_brands_of_who_is_there(run: Run, brand: Brand) -> None:
    run("create_staff", "maria", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    other = make_brand()
    line = ("--role", "support", "--brand", other.path, "--password-stdin")
    assert run("create_staff", "maria", *line, stdin="quite another one").out == "Changed maria, support.\n"
    assert authenticate(username="maria", password=PASSWORD) is None
    user = authenticate(username="maria", password="quite another one")
    assert isinstance(user, User)
    assert not user.is_superuser
    assert list(StaffRole.objects.get().allowed_brands()) == [other]


@pytest.mark.parametrize(
    ("line", "stdin", "error"),
    [
        (("maria", "--role", "dpo", "--password-stdin"), "short\n", "This password is too short."),
        (("maria", "--role", "dpo", "--password-stdin"), "", "There is no password on standard input."),
        (("maria", "--role", "dpo", "--password-stdin"), "\n", "There is no password on standard input."),
        (("maria", "--role", "dpo", "--password-stdin"), f"{PASSWORD}\udcff\n", "must be UTF-8 text."),
        (("maria", "--role", "dpo"), PASSWORD, "the following arguments are required: --password-stdin"),
        (("maria", "--role", "boss", "--password-stdin"), PASSWORD, "invalid choice: 'boss'"),
        (("a b", "--role", "dpo", "--password-stdin"), PASSWORD, "Enter a valid username."),
        (("", "--role", "dpo", "--password-stdin"), PASSWORD, "This field cannot be blank."),
        (("x" * 151, "--role", "dpo", "--password-stdin"), PASSWORD, "at most 150 characters"),
        (("maria", "--role", "dpo", "--brand", "a/b/C", "--password-stdin"), PASSWORD, "There is no brand a/b/C"),
    ],
)
def test_it_refuses_and_makes_nobody(run: Run, db: None, line: tuple[str, ...], stdin: str, error: str) -> None:
    ran = run("create_staff", *line, stdin=stdin)
    assert error in ran.error
    assert not User.objects.exists()


def test_a_refused_password_leaves_the_old_one(run: Run, db: None) -> None:
    run("create_staff", "maria", "--role", "dpo", "--password-stdin", stdin=PASSWORD)
    run("create_staff", "maria", "--role", "admin", "--password-stdin", stdin="short")
    assert authenticate(username="maria", password=PASSWORD) is not None
    assert StaffRole.objects.get().role == "dpo"
