import pytest

from privacy_portal.brands.models import Brand
from tests.factories.forwarding import forwarding_brand
from tests.upstream.server import Upstream


@pytest.fixture
def brand(upstream: Upstream, db: None) -> Brand:
    """One that forwards."""
    return forwarding_brand(upstream)
