"""A regulation as the REST API shows it (contract A2)."""

from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from privacy_portal.rest.fields import MomentField, OrNull
from regulations.models import Regulation, RegulationStatus, Step, StepStatus
from regulations.models.regulation import RegulationQuerySet
from regulations.types import TYPES


def shown(rows: QuerySet[Any]) -> QuerySet[Regulation]:
    """With what the body needs, however many there are."""
    steps = Prefetch("steps", Step.objects.select_related("identify_update"), to_attr="shown_steps")
    said = cast("RegulationQuerySet", rows).with_standing().with_forgotten()
    return said.select_related("brand", "subject").prefetch_related(steps)


def just_made(regulation: Regulation) -> Regulation:
    """The same of one made in this transaction: nothing has ended since that could have taken the userId out of it."""
    regulation.forgotten, regulation.is_owed = False, True
    regulation.shown_steps = regulation.planned  # type: ignore[attr-defined]
    return regulation


class StepBody(serializers.Serializer[Any]):
    """`result`: erased_and_checked, notified, collected or not_reached.

    A step that tells the upstream is as far as its identify update: `status`, `attempts` and `last_error` are what that
    comes to. `event_id`: that of the identify update this step sent, as the upstream answered it."""

    destination = serializers.CharField()
    action = serializers.CharField()
    status = serializers.ChoiceField(choices=StepStatus.values, source="told_status")
    result = OrNull()
    attempts = serializers.IntegerField(source="attempted.attempts")
    counts = serializers.DictField(child=serializers.IntegerField())
    last_error = OrNull(source="attempted.last_error")
    started_at = MomentField(allow_null=True)
    finished_at = MomentField(allow_null=True)
    event_id = serializers.CharField(allow_null=True)


class RegulationBody(serializers.Serializer[Any]):
    """`user_id` is null once erased, and for a token of role auditor. `user_id_kept_because` says why the portal still
    knows it when it should soon not: `erasure_unfinished` (a step can still be retried) or `request_unfinished` (the
    person was erased before and asked again; it goes when that request ends). `unknown_subject`: nothing was known of
    this userId when the request came."""

    id = serializers.UUIDField()
    brand = serializers.CharField(source="brand.path")
    type = serializers.ChoiceField(choices=list(TYPES))
    status = serializers.ChoiceField(choices=RegulationStatus.values)
    subject = serializers.UUIDField(source="subject_id")
    user_id = serializers.SerializerMethodField()
    user_id_kept_because = serializers.SerializerMethodField()
    unknown_subject = serializers.BooleanField()
    reason = OrNull()
    intake = OrNull()
    ticket_ref = OrNull()
    language = OrNull()
    received_at = MomentField()
    created_at = MomentField()
    due_at = MomentField()
    finished_at = MomentField(allow_null=True)
    steps = StepBody(many=True, source="shown_steps")

    def get_user_id(self, regulation: Any) -> str | None:
        return regulation.subject.clear_user_id if self.context["reveals"] and not regulation.forgotten else None

    def get_user_id_kept_because(self, regulation: Any) -> str | None:
        subject = regulation.subject
        if subject.user_id is None or regulation.forgotten or not regulation.is_owed:
            return None
        if regulation.kind.erases:
            return "erasure_unfinished"
        return "request_unfinished" if subject.erased_at else None
