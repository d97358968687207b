"""Unknown and foreign are the same: not found (contract A1)."""

from uuid import uuid4

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.api import Caller, refusal
from tests.factories.events import track
from tests.factories.regulations import ask
from tests.rest.asking import asked

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
NOT_FOUND = (404, "not_found")


@pytest.mark.parametrize("path", ["acme/acme/NOPE", "nope", "", "a/b/c/d", "acme/acme/B\x001", "ACME/acme/B1"])
def test_a_brand_nobody_knows_is_not_found(dpo: Caller, brand: Brand, path: str) -> None:
    answer = dpo.post("regulations/", asked(brand) | {"brand": path})
    assert refusal(answer) in (NOT_FOUND, (400, "invalid"))


def test_a_foreign_brand_is_not_found(dpo: Caller, foreign: Brand) -> None:
    assert refusal(dpo.post("regulations/", asked(foreign))) == NOT_FOUND
    assert refusal(dpo.post("subjects/", {"brand": foreign.path, "user_id": "u1"})) == NOT_FOUND
    assert refusal(dpo.post("subjects/lookup/", {"brand": foreign.path, "user_id": "u1"})) == NOT_FOUND
    assert refusal(dpo.get("regulations/", {"brand": foreign.path})) == NOT_FOUND
    assert refusal(dpo.get("identify-updates/", {"brand": foreign.path})) == NOT_FOUND


def test_what_belongs_to_a_foreign_brand_is_not_found_and_not_listed(dpo: Caller, foreign: Brand) -> None:
    regulation = ask(foreign, "suppress", "u1")
    subject, event = regulation.subject, track(foreign, "u2")
    update = IdentifyUpdate.objects.announce(subject, channels=True)
    for path in (f"regulations/{regulation.pk}/", f"regulations/{regulation.pk}/export/", f"subjects/{subject.pk}/",
                 f"subjects/{subject.pk}/consents/history/", f"events/{event}/",
                 f"identify-updates/{update.pk}/"):  # fmt: skip
        assert refusal(dpo.get(path)) == NOT_FOUND, path
    for path in (f"regulations/{regulation.pk}/cancel/", f"regulations/{regulation.pk}/retry/",
                 f"subjects/{subject.pk}/preference-link/", f"identify-updates/{update.pk}/retry/"):  # fmt: skip
        assert refusal(dpo.post(path)) == NOT_FOUND, path
    assert refusal(dpo.patch(f"subjects/{subject.pk}/consents/", {"channels": []})) in (NOT_FOUND, (400, "invalid"))
    assert dpo.get("regulations/").json()["results"] == []
    assert dpo.get("identify-updates/").json()["results"] == []


@pytest.mark.parametrize("kind", ["regulations", "subjects", "events", "identify-updates"])
def test_an_id_nobody_gave_out_is_not_found(dpo: Caller, kind: str) -> None:
    for pk in (uuid4(), "not-an-id", "1"):
        assert refusal(dpo.get(f"{kind}/{pk}/")) == NOT_FOUND
