import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from tests.factories.brands import make_brand
from tests.preferences.visitor import Visitor, visit
from tests.upstream.server import Upstream


@pytest.fixture
def brand(db: None, upstream: Upstream) -> Brand:
    """A brand whose identify updates go to a real server of the test's own."""
    return make_brand(
        controller="Acme Shop, 1 High Street", contact="privacy@acme.example", upstream_url=upstream.url
    )  # fmt: skip


@pytest.fixture
def subject(brand: Brand) -> Subject:
    return Subject.objects.ensure(brand, "u1")[0]


@pytest.fixture
def visitor(subject: Subject) -> Visitor:
    """The person, with a fresh link to their page open."""
    return visit(subject)
