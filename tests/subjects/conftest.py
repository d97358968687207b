from collections.abc import Iterator

import pytest

from privacy_portal.brands.models import Brand
from tests.factories.brands import make_brand
from tests.upstream.server import serve


@pytest.fixture
def brand(db: None) -> Iterator[Brand]:
    """A brand whose identify updates go to a real server of the test's own."""
    with serve() as upstream:
        yield make_brand(upstream_url=upstream.url, upstream_token="their-token")
