"""People: look one up, make one known, read their states."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from privacy_portal.audit.models import record
from privacy_portal.brands.rights import Right
from privacy_portal.rest.fields import IdentityField, StrictSerializer, StrictText
from privacy_portal.rest.permissions import may
from privacy_portal.rest.views import ActView, ApiView, Done, OneView, found
from privacy_portal.subjects.models import Subject
from regulations.api.finding import FINDERS
from regulations.api.subject_body import SubjectBody


class SubjectRequest(StrictSerializer):
    brand = StrictText(help_text="client/account/BRAND")
    user_id = IdentityField()


class LookupRequest(StrictSerializer):
    """Exactly one of the four. An e-mail address is compared without case, a phone number by its digits. An
    anonymousId finds whom a call with a server token linked it to."""

    brand = StrictText(help_text="client/account/BRAND")
    user_id = IdentityField(required=False)
    anonymous_id = IdentityField(required=False)
    email = IdentityField(required=False)
    phone = IdentityField(required=False)

    def validate_phone(self, value: str) -> str:
        if not any(sign.isdecimal() for sign in value):
            raise serializers.ValidationError("must contain digits", "invalid")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() & FINDERS.keys()) != 1:
            raise serializers.ValidationError(f"must name exactly one of {', '.join(FINDERS)}", "one_of")
        return attrs


class Subjects(ApiView):
    serializer_class = SubjectBody
    queryset = Subject.objects.all()
    lookup_field = "id"

    def get_queryset(self) -> QuerySet[Any]:
        return self.of_my_brands(Subject.objects.select_related("brand").prefetch_related("regulations"))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reveals": may(self.token, Right.REVEAL)}

    def told(self, done: Done) -> dict[str, Any]:
        return dict(self.get_serializer(found(self.get_queryset(), done.made["subject"])).data)

    def location(self, made: dict[str, str]) -> str | None:
        return reverse("api-subject", [made["subject"]], request=self.request)

    def looked_up(self, subject: Subject, by: str) -> None:
        record("subject.looked_up", self.token.actor, brand=subject.brand_id, subject=subject.pk, by=by)


@extend_schema_view(
    post=extend_schema(
        operation_id="make_subject",
        summary="Get or make the person of a userId",
        request=SubjectRequest,
        responses={
            200: OpenApiResponse(SubjectBody, description="Known already."),
            201: OpenApiResponse(SubjectBody, description="Made now."),
        },
    )
)
class MakeSubject(Subjects, ActView):
    """The id it answers stands for the person in every URL, so that no URL holds a userId."""

    rights = {"POST": Right.REQUEST}

    def act(self, request: Request, **kwargs: Any) -> Done:
        sent = self.sent(SubjectRequest)
        subject, made = Subject.objects.ensure(self.brand(sent["brand"]), sent["user_id"])
        self.looked_up(subject, "user_id")
        return Done({"subject": str(subject.pk)}, 201 if made else 200)


@extend_schema_view(
    post=extend_schema(operation_id="look_up_subject", summary="Look a person up", request=LookupRequest)
)
class LookUpSubject(Subjects, ActView):
    """By userId, anonymousId, e-mail address or phone number, of which only keyed hashes are kept. Audited."""

    rights = {"POST": Right.REVEAL}
    problems = ("ambiguous",)

    def act(self, request: Request, **kwargs: Any) -> Done:
        sent = self.sent(LookupRequest)
        brand = self.brand(sent.pop("brand"))
        ((by, value),) = sent.items()
        subject = FINDERS[by](brand, value)
        if subject is None:
            raise Http404
        self.looked_up(subject, by)
        return Done({"subject": str(subject.pk)})


@extend_schema_view(get=extend_schema(operation_id="read_subject", summary="Read a person's states and channels"))
class OneSubject(Subjects, OneView):
    """States and channels, never events."""
