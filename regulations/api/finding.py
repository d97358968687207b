"""Finding a person by what a caller knows of them."""

from collections.abc import Callable

from privacy_portal.brands.models import Brand
from privacy_portal.rest.problems import Problem
from privacy_portal.subjects.keys import anonymous_key, user_key
from privacy_portal.subjects.models import ContactPoint, Link, Subject
from privacy_portal.tracking.models import Event


def by_user_id(brand: Brand, user_id: str) -> Subject | None:
    """Also someone known by events alone: they become a subject now."""
    subject = Subject.objects.of(brand, user_id).first()
    if subject is None and Event.objects.filter(subject_key=user_key(brand.path, user_id)).exists():
        subject, _ = Subject.objects.ensure(brand, user_id)
    return subject


def by_anonymous_id(brand: Brand, anonymous_id: str) -> Subject | None:
    """By what a server call said: anyone can link their own device to somebody with a public token."""
    links = Link.objects.filter(anonymous_key=anonymous_key(brand.path, anonymous_id), confirmed=True)
    return _only(list(Subject.objects.filter(pk__in=links.values("subject"))[:2]))


def by_address(kind: str) -> Callable[[Brand, str], Subject | None]:
    def find(brand: Brand, address: str) -> Subject | None:
        points = ContactPoint.objects.at(brand, kind, address)
        return _only(list(Subject.objects.filter(pk__in=points.values("subject"))[:2]))

    return find


def _only(subjects: list[Subject]) -> Subject | None:
    if len(subjects) > 1:
        raise Problem("ambiguous")
    return subjects[0] if subjects else None


FINDERS: dict[str, Callable[[Brand, str], Subject | None]] = {
    "user_id": by_user_id,
    "anonymous_id": by_anonymous_id,
    "email": by_address("email"),
    "phone": by_address("phone"),
}
