"""Identify updates on the REST API: how far the upstream has been told, and sending a failed one again."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request

from privacy_portal.brands.rights import Right
from privacy_portal.rest.fields import MomentField, OrNull
from privacy_portal.rest.filters import BrandFilter, WordFilter
from privacy_portal.rest.problems import Kind, register
from privacy_portal.rest.views import ActView, ApiView, Done, ListView, OneView, found
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus

register(
    Kind("not_failed", 409, "The update has not failed"),
    Kind("erased", 409, "The person was erased"),
)


class UpdateBody(serializers.Serializer[Any]):
    """`event_id`: what the upstream answered; `upstream_status`: what it last said of that event."""

    id = serializers.UUIDField()
    subject = serializers.UUIDField(source="subject_id")
    status = serializers.ChoiceField(choices=UpdateStatus.values)
    event_id = OrNull(source="event_ref")
    upstream_status = OrNull()
    attempts = serializers.IntegerField()
    last_error = OrNull()
    created_at = MomentField()
    delivered_at = MomentField(allow_null=True)


class UpdateFilter(django_filters.FilterSet):
    brand = BrandFilter()
    subject = django_filters.UUIDFilter(field_name="subject_id")
    status = WordFilter(UpdateStatus.values)


class Updates(ApiView):
    serializer_class = UpdateBody
    queryset = IdentifyUpdate.objects.all()

    def get_queryset(self) -> QuerySet[Any]:
        return self.of_my_brands(super().get_queryset())


@extend_schema_view(get=extend_schema(operation_id="list_identify_updates", summary="List identify updates"))
class UpdateList(Updates, ListView):
    """Newest first. Those of one person are sent one at a time, in order."""

    filterset_class = UpdateFilter


@extend_schema_view(get=extend_schema(operation_id="read_identify_update", summary="Read an identify update"))
class OneUpdate(Updates, OneView):
    """`delivered` once the upstream answered with its event's id."""


@extend_schema_view(
    post=extend_schema(operation_id="retry_identify_update", summary="Send a failed update again", request=None)
)
class RetryUpdate(Updates, ActView):
    """It is sent with the person's channels as the ledger holds them by then. One of a regulation sets that going again
    with the step that failed, and is refused where the regulation's own retry would be."""

    rights = {"POST": Right.MOVE}
    problems = ("not_failed", "erased", "already_open", "superseded", "not_retryable")
    lookup_field = "id"

    def act(self, request: Request, **kwargs: Any) -> Done:
        update = self.get_object()
        update.retry(self.token.actor)
        return Done({"update": str(update.pk)})

    def told(self, done: Done) -> dict[str, Any]:
        return dict(UpdateBody(found(self.get_queryset(), done.made["update"])).data)


urlpatterns = [
    path("identify-updates/", UpdateList.as_view()),
    path("identify-updates/<uuid:id>/", OneUpdate.as_view()),
    path("identify-updates/<uuid:id>/retry/", RetryUpdate.as_view()),
]
