"""What a caller sends to ask for a regulation."""

from datetime import datetime

from rest_framework.serializers import ValidationError

from privacy_portal.rest.fields import (
    ChoiceField,
    IdentityField,
    MomentField,
    StrictSerializer,
    StrictText,
    not_in_the_future,
)
from regulations.request import FIRST_YEAR, LONGEST_REASON
from regulations.types import TYPES


def not_ancient(moment: datetime) -> None:
    if moment.year < FIRST_YEAR:
        raise ValidationError(f"must not lie before {FIRST_YEAR}", "too_old")


class RegulationRequest(StrictSerializer):
    """`received_at`: when the controller heard, from which the legal deadline runs; now unless given, never in the
    future. `intake` (how it came), `ticket_ref` and `reason` are free text and go with an erasure."""

    brand = StrictText(help_text="client/account/BRAND")
    type = ChoiceField(choices=[(kind.value, kind.label) for kind in TYPES.values()])
    user_id = IdentityField(help_text="Exactly as on the tracking API: compared as it is, never trimmed.")
    reason = StrictText(required=False, allow_blank=True, max_length=LONGEST_REASON)
    received_at = MomentField(required=False, validators=[not_in_the_future, not_ancient])
    intake = StrictText(required=False, allow_blank=True, max_length=100)
    ticket_ref = StrictText(required=False, allow_blank=True, max_length=200)
    language = StrictText(required=False, allow_blank=True, max_length=35)
