import pytest

from privacy_portal.brands.models import Brand
from tests.factories.brands import make_brand
from tests.upstream.server import Upstream


@pytest.fixture
def brand(db: None, upstream: Upstream) -> Brand:
    """A brand whose identify updates go to a real server of the test's own."""
    return make_brand(upstream_url=upstream.url, upstream_token="their-token")
