"""The REST API for requests made from its OpenAPI document and from anything: no 5xx, and every refusal says why."""

import logging
from uuid import UUID

import pytest
from django.test import Client

from privacy_portal.brands.models import Brand, Role
from tests.factories.api import caller, refusal
from tests.fuzz.counting import inputs, randomness, taken
from tests.fuzz.openapi import Requests
from tests.rest.conftest import brand as a_brand

brand = a_brand
pytestmark = pytest.mark.engine


def test_any_request(brand: Brand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "django.request")
    client = Client(raise_request_exception=False)
    tokens = [caller(role, brand).secret for role in (Role.ADMIN, Role.DPO, Role.SUPPORT, Role.AUDITOR)]
    random = randomness("rest")
    ids = [str(UUID(int=random.getrandbits(128)))]
    requests = Requests(client.get("/api/schema/").json(), random, {"brand": [brand.path], "uuid": ids})
    for _ in inputs("rest", 0.01):
        asked = requests.make()
        headers = {"Authorization": f"Bearer {random.choice(tokens)}", **asked.headers}
        answer = client.generic(asked.method.upper(), asked.path, asked.body, asked.media_type, headers=headers)
        assert answer.status_code < 500, (asked, answer)
        if answer.status_code >= 400:
            if asked.method != "head":
                refusal(answer)
            continue
        taken["rest"] += 1
        if asked.method == "post" and answer["Content-Type"] == "application/json" and "id" in answer.json():
            ids.append(answer.json()["id"])
    assert len(ids) > 2
