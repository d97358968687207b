"""A brand and its door for each test."""

from collections.abc import Iterator

import pytest

from privacy_portal.brands.models import Brand
from tests.factories.brands import make_brand
from tests.tracking.caller import Caller
from tests.tracking.sdk import Sdk


@pytest.fixture
def brand(transactional_db: None) -> Brand:
    return make_brand()


@pytest.fixture
def door(brand: Brand) -> Iterator[Caller]:
    caller = Caller(brand)
    yield caller
    caller.close()


@pytest.fixture
def sdk(door: Caller) -> Sdk:
    return Sdk(door)
