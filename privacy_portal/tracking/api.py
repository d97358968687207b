"""Event status on the REST API: the same body as on the tracking door (contract T11)."""

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from privacy_portal.brands.rights import Right
from privacy_portal.rest.shapes import shape
from privacy_portal.rest.views import ApiView
from privacy_portal.tracking.models import Action, EventStatus
from privacy_portal.tracking.status import status_of

STATUSES = [*EventStatus.values, "mixed"]


CallStatus = shape(
    "CallStatus",
    "`errors`: what was taken but not obeyed, such as a channel that the brand does not have.",
    {
        "eventId": serializers.UUIDField(),
        "action": serializers.ChoiceField(choices=Action.values),
        "status": serializers.ChoiceField(choices=STATUSES),
        "receivedAt": serializers.DateTimeField(),
        "errors": serializers.ListField(child=serializers.CharField()),
    },
)
EventStatusBody = shape(
    "EventStatus",
    "`calls`: those of a batch, in their order; `status` is then the common one, or `mixed`.",
    {"calls": CallStatus(many=True)},
    CallStatus,
)


class EventStatusView(ApiView):
    rights = {"GET": Right.SEE}
    serializer_class = EventStatusBody

    @extend_schema(operation_id="event_status", summary="What became of an event")
    def get(self, request: Request, event_id: UUID) -> Response:
        """Names are camelCase, as on the tracking API. An event that was gated is told for 30 days."""
        brands = None if self.token.all_brands else list(self.token.allowed_brands().values_list("pk", flat=True))
        status = status_of(event_id, brands)
        if status is None:
            raise Http404
        return Response(status)
