"""A brand with people in it, and exports of theirs as the workers build them."""

import pytest

from privacy_portal.brands.models import Brand
from tests.factories.brands import make_brand


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand()
