import pytest

from privacy_portal.brands.models import Brand
from tests.factories.brands import make_brand
from tests.upstream.server import Upstream


@pytest.fixture
def brand(upstream: Upstream, db: None) -> Brand:
    return make_brand(upstream_url=upstream.url, upstream_token="their-token")
