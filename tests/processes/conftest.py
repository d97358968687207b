"""Portals that a test may kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.portal import Portal


@pytest.fixture
def make_portal(tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    """Makes portals of this test's own, in its folder; whatever still runs at the end is stopped."""
    made: list[Portal] = []

    def make(folder: str = "var", **environment: str) -> Portal:
        made.append(Portal(tmp_path / folder, environment=environment))
        return made[-1]

    yield make
    for portal in made:
        if portal.is_running:
            portal.stop()


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A running portal for the tests of one file, each of which leaves it whole."""
    portal = Portal(tmp_path_factory.mktemp("victim")).start()
    yield portal
    portal.stop()
