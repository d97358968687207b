"""The upstream of most tests that have one: a real server of the test's own."""

from collections.abc import Iterator

import pytest

from tests.upstream.server import Upstream, serve


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serve() as running:
        yield running
