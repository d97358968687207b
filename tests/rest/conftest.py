import pytest

from privacy_portal.brands.models import Brand, Role
from tests.factories.api import Caller, caller
from tests.factories.brands import make_brand


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand()


@pytest.fixture
def foreign(db: None) -> Brand:
    """A brand that the tokens of these tests do not serve."""
    return make_brand()


@pytest.fixture
def dpo(brand: Brand) -> Caller:
    return caller(Role.DPO, brand)


@pytest.fixture
def support(brand: Brand) -> Caller:
    return caller(Role.SUPPORT, brand)


@pytest.fixture
def auditor(brand: Brand) -> Caller:
    return caller(Role.AUDITOR, brand)
