"""What a caller sends to ask for a regulation."""

from privacy_portal.rest.fields import (
    ChoiceField,
    IdentityField,
    MomentField,
    StrictSerializer,
    StrictText,
    not_ancient,
    not_in_the_future,
)
from regulations.types import TYPES


class RegulationRequest(StrictSerializer):
    """`received_at`: when the controller heard, from which the legal deadline runs; now unless given, never in the
    future. `intake` (how it came), `ticket_ref` and `reason` are free text and go with an erasure."""

    brand = StrictText(help_text="client/account/BRAND")
    type = ChoiceField(choices=[(kind.value, kind.label) for kind in TYPES.values()])
    user_id = IdentityField(help_text="Exactly as on the tracking API: compared as it is, never trimmed.")
    reason = StrictText(required=False, allow_blank=True, max_length=4000)
    received_at = MomentField(required=False, validators=[not_in_the_future, not_ancient])
    intake = StrictText(required=False, allow_blank=True, max_length=100)
    ticket_ref = StrictText(required=False, allow_blank=True, max_length=200)
    language = StrictText(required=False, allow_blank=True, max_length=35)
