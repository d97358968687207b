"""A person as the REST API shows them: states and channels, never events (contract A2)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from privacy_portal.consent.models import Preference, Source
from privacy_portal.rest.bodies import FieldProblem
from privacy_portal.rest.fields import MomentField
from privacy_portal.rest.shapes import shape
from privacy_portal.subjects.models import Subject
from regulations.models import RegulationStatus
from regulations.types import TYPES

ChannelBody = shape(
    "Channel",
    "`subscribed` is null for a channel without any entry in the ledger: nobody ever said anything.",
    {
        "channel": serializers.CharField(),
        "subscribed": serializers.BooleanField(allow_null=True),
        "since": MomentField(allow_null=True),
        "source": serializers.ChoiceField(choices=Source.values, allow_null=True),
    },
)


class RegulationSummary(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=list(TYPES))
    status = serializers.ChoiceField(choices=RegulationStatus.values)
    created_at = MomentField()


class SubjectBody(serializers.Serializer[Any]):
    """`user_id` is null once erased, and for a token of role auditor. `channels`: the brand's, in its order, then
    those it once had. `regulations`: newest first."""

    id = serializers.UUIDField()
    brand = serializers.CharField(source="brand.path")
    user_id = serializers.SerializerMethodField()
    suppressed = serializers.BooleanField()
    no_track = serializers.BooleanField()
    channels = serializers.SerializerMethodField()
    regulations = RegulationSummary(many=True, source="regulations.all")

    def get_user_id(self, subject: Subject) -> str | None:
        return subject.clear_user_id if self.context["reveals"] else None

    @extend_schema_field(ChannelBody(many=True))
    def get_channels(self, subject: Subject) -> list[dict[str, Any]]:
        states = Preference.objects.by_channel(subject).items()
        return [dict(ChannelBody(_state(name, held)).data) for name, held in states]


ConsentAnswer = shape(
    "ConsentAnswer",
    "`errors` names each entry that was recorded as claimed and changed nothing: a withdrawal by the person is lifted "
    "only by the person, or by evidence collected after it.",
    {"errors": FieldProblem(many=True)},
    SubjectBody,
)


def _state(name: str, held: Preference | None) -> dict[str, Any]:
    if held is None:
        return {"channel": name, "subscribed": None, "since": None, "source": None}
    return {"channel": name, "subscribed": held.subscribed, "since": held.since, "source": held.source}
