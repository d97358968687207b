from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand, Role, StaffRole
from tests.factories.brands import make_brand

SignIn = Callable[..., Client]
PASSWORD = "a long enough password"


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand(timezone="Europe/Berlin")


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """A browser signed in as a member of staff of this role, on these brands or on all."""

    def enter(role: str = Role.ADMIN, *brands: Brand) -> Client:
        name = f"{role} of {'-'.join(brand.code for brand in brands) or 'all'}"
        # Setting a password again would end the sessions of an earlier visit.
        user = User.objects.filter(username=name).first()
        if user is None:
            user, _ = StaffRole.objects.ensure(name, PASSWORD, role, brands, actor=COMMAND)
        client = Client()
        client.force_login(user)
        return client

    return enter
