"""A link to a person's preference page, and the headers of mail for one channel."""

import json
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request

from privacy_portal.audit.models import record
from privacy_portal.brands.rights import Right
from privacy_portal.preferences.links import LONGEST, SHORTEST, BadLink, issue_link
from privacy_portal.rest.fields import MomentField, StrictSerializer, StrictText, WholeNumberField
from privacy_portal.rest.problems import Problem
from privacy_portal.rest.shapes import shape
from privacy_portal.rest.views import ActView, Done
from privacy_portal.subjects.models import Subject
from privacy_portal.timestamps import written
from regulations.api.subjects import Subjects


class LinkRequest(StrictSerializer):
    """`expires_in`: seconds, from 60 to 31622400, which is 366 days; 30 days unless given."""

    expires_in = WholeNumberField(
        required=False, min_value=int(SHORTEST.total_seconds()), max_value=int(LONGEST.total_seconds())
    )
    channel = StrictText(required=False, default="email", max_length=32)


LinkHeaders = shape(
    "LinkHeaders",
    "Headers of a message, ready to be set.",
    {"List-Unsubscribe": serializers.CharField(), "List-Unsubscribe-Post": serializers.CharField()},
)


class LinkBody(serializers.Serializer[Any]):
    """`url`: the page, for the person alone; `headers`: for mail of that channel, to be covered by its DKIM signature
    (RFC 8058)."""

    url = serializers.URLField()
    expires_at = MomentField()
    headers = LinkHeaders()


@extend_schema_view(
    post=extend_schema(
        operation_id="make_preference_link",
        summary="Make a link to the person's preference page",
        request=LinkRequest,
        responses={201: OpenApiResponse(LinkBody, description="Made. It is shown only now.")},
    )
)
class PreferenceLinkView(Subjects, ActView):
    """The link works without login; whoever holds it can change this person's channels."""

    rights = {"POST": Right.REQUEST}

    def act(self, request: Request, **kwargs: Any) -> Done:
        subject: Subject = self.get_object()
        sent = self.sent(LinkRequest)
        seconds = sent.get("expires_in")
        try:
            link = issue_link(subject, sent["channel"], timedelta(seconds=seconds) if seconds else None)
        except BadLink as bad:
            error = {"pointer": f"#/{bad.field}", "code": "invalid", "detail": bad.rule}
            raise Problem("invalid", errors=[error]) from None
        record("preference_link.issued", self.token.actor, brand=subject.brand_id, subject=subject.pk,
               channel=sent["channel"])  # fmt: skip
        body = {"url": link.url, "expires_at": written(link.expires_at), "headers": link.headers}
        return Done({"link": json.dumps(body)}, 201)

    def told(self, done: Done) -> dict[str, Any]:
        self.get_object()  # a repeat, too, is only for who still serves the person's brand
        return dict(json.loads(done.made["link"]))

    def location(self, made: dict[str, str]) -> None:
        return None
