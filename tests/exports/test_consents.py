"""consents.json: what holds, how it came to that, and what shows it."""

import pytest
from django.utils import timezone

from privacy_portal.audit.models import Actor
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Source
from privacy_portal.preferences.record import Wish, record_consent
from privacy_portal.subjects.models import Subject
from tests.factories.events import identify
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_channel_is_there_and_null_where_nothing_was_said(brand: Brand) -> None:
    identify(brand, "u1", channels={"email": True, "sms": False}, timestamp="2024-01-01T00:00:00Z")
    channels = {channel["channel"]: channel for channel in access(brand).json("consents.json")["channels"]}
    assert {name: channel["subscribed"] for name, channel in channels.items()} == {
        "email": True, "sms": False, "whatsapp": None, "facebook": None, "push": None,
    }  # fmt: skip
    assert channels["email"]["since"] == "2024-01-01T00:00:00Z"
    assert channels["email"]["label"] == "Email"


def test_the_history_has_wording_and_evidence(brand: Brand) -> None:
    evidence = {"collectedAt": "2020-01-01T00:00:00Z", "source": "paper form", "wording": "Yes please"}
    event_id = identify(brand, "u1", channels=[{"channel": "email", "subscribed": True, "evidence": evidence}])
    subject = Subject.objects.of(brand, "u1").get()
    wish = Wish("email", False, wording="News by email", wording_version="3")
    record_consent(subject, [wish], Source.PREFERENCE_CENTRE, Actor("person", ""), timezone.now())
    first, second = access(brand).json("consents.json")["history"]
    assert (first["subscribed"], first["source"], first["eventId"]) == (True, "identify", str(event_id))
    assert first["evidence"] == evidence | {"address": "", "agent": ""}
    assert (second["subscribed"], second["source"]) == (False, "preference_centre")
    assert (second["wording"], second["wordingVersion"], second["evidence"]) == ("News by email", "3", None)


def test_a_channel_the_brand_no_longer_has_is_still_told(brand: Brand) -> None:
    identify(brand, "u1", channels={"push": True})
    brand.configure({"channels": "email"}, Actor("command", ""))
    channels = access(brand).json("consents.json")["channels"]
    assert [(channel["channel"], channel["subscribed"]) for channel in channels] == [("email", None), ("push", True)]
