"""Regulations: ask for one, list them, read one, move one."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from privacy_portal.brands.rights import Right
from privacy_portal.rest.permissions import may, require
from privacy_portal.rest.views import ActView, ApiView, Done, ListView, OneView, found
from regulations.api.problems import PRECONDITIONS
from regulations.api.regulation_body import RegulationBody, just_made, shown
from regulations.api.regulation_filter import RegulationFilter
from regulations.api.regulation_request import RegulationRequest
from regulations.models import Regulation
from regulations.request import Intake, request_regulation
from regulations.types import TYPES


class Regulations(ApiView):
    serializer_class = RegulationBody
    queryset = Regulation.objects.all()
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[Any]:
        return shown(self.of_my_brands(Regulation.objects.all()))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reveals": may(self.token, Right.REVEAL)}

    def told(self, done: Done) -> dict[str, Any]:
        row = done.row or found(self.get_queryset(), done.made["regulation"])
        body: BaseSerializer[Any] = self.get_serializer(row)
        return dict(body.data)


@extend_schema_view(
    get=extend_schema(operation_id="list_regulations", summary="List regulations, newest first"),
    post=extend_schema(
        operation_id="request_regulation",
        summary="Ask for a regulation",
        request=RegulationRequest,
        responses={202: OpenApiResponse(RegulationBody, description="Accepted. `Location` is where to follow it.")},
    ),
)
class RegulationList(Regulations, ListView, ActView):
    """One request about one `user_id` under one brand, known or not. A closing type (suppress, suppress_and_delete,
    no_track) has closed the gate by the time this is answered; the rest follows in `steps`.

    Role support may ask for suppress, suppress_and_delete, no_track and access. unsuppress and track open a gate, and
    delete erases without closing anything: these need dpo or admin."""

    rights = {"GET": Right.SEE, "POST": Right.REQUEST}
    problems = tuple(kind.code for kind in PRECONDITIONS)
    filterset_class = RegulationFilter

    def post(self, request: Request, **kwargs: Any) -> Response:
        """What is asked is read before the transaction begins: on SQLite no event is stored while that lasts."""
        asked = self.sent(RegulationRequest)
        self._brand, self._type, self._user_id = self.brand(asked.pop("brand")), asked.pop("type"), asked.pop("user_id")
        require(self.token, Right.REQUEST if TYPES[self._type].asked_by_support else Right.OPEN)
        self._intake = Intake(**asked)
        return super().post(request, **kwargs)

    def act(self, request: Request, **kwargs: Any) -> Done:
        regulation = request_regulation(self._brand, self._type, self._user_id, self.token.actor, self._intake)
        return Done({"regulation": str(regulation.pk)}, 202, just_made(regulation))

    def location(self, made: dict[str, str]) -> str:
        return reverse("api-regulation", [made["regulation"]], request=self.request)


@extend_schema_view(get=extend_schema(operation_id="read_regulation", summary="Read a regulation with its steps"))
class OneRegulation(Regulations, OneView):
    """Its status follows from its steps once it runs; `due_at` is the legal deadline."""


@extend_schema_view(
    post=extend_schema(operation_id="cancel_regulation", summary="Cancel a regulation before it runs", request=None)
)
class CancelRegulation(Regulations, ActView):
    """Reopens the gate if this regulation closed it; consents it withdrew stay withdrawn."""

    rights = {"POST": Right.MOVE}
    problems = ("not_cancellable", "erasure_open")

    def act(self, request: Request, **kwargs: Any) -> Done:
        regulation: Regulation = self.get_object()
        regulation.cancel(self.token.actor)
        return Done({"regulation": str(regulation.pk)})


@extend_schema_view(
    post=extend_schema(operation_id="retry_regulation", summary="Retry what did not finish", request=None)
)
class RetryRegulation(Regulations, ActView):
    """Gives the steps that failed or were skipped another chance. An identify update that failed is sent again, under
    its `messageId`."""

    rights = {"POST": Right.MOVE}
    problems = ("not_retryable", "already_open", "superseded", "erased")

    def act(self, request: Request, **kwargs: Any) -> Done:
        regulation: Regulation = self.get_object()
        regulation.retry(self.token.actor)
        return Done({"regulation": str(regulation.pk)})
