"""An entry of the consent ledger as the REST API shows it."""

from rest_framework import serializers

from privacy_portal.consent.models import Source
from privacy_portal.rest.fields import MomentField, OrNull
from privacy_portal.rest.shapes import shape

StatedEvidence = shape(
    "StatedEvidence",
    "What a caller stated.",
    {"collected_at": MomentField(allow_null=True), "source": OrNull(), "wording": OrNull()},
)
EntryBody = shape(
    "LedgerEntry",
    "`claimed`: said by someone else against the person's standing withdrawal, and without effect. `wording`: what the "
    "person was shown. `evidence`: null when there is none, and once the person was erased.",
    {
        "channel": serializers.CharField(),
        "subscribed": serializers.BooleanField(),
        "source": serializers.ChoiceField(choices=Source.values),
        "claimed": serializers.BooleanField(),
        "occurred_at": MomentField(),
        "received_at": MomentField(),
        "event_id": serializers.UUIDField(source="event_ref", allow_null=True),
        "wording": OrNull(),
        "wording_version": OrNull(),
        "evidence": StatedEvidence(allow_null=True, default=None),
    },
)
