"""Consent of one person: record what they said, and read the ledger (contract C1–C4)."""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from privacy_portal.brands.rights import Right
from privacy_portal.consent.decision import GRANT_AGAINST_WITHDRAWAL, Verdict
from privacy_portal.consent.models import Entry, Source
from privacy_portal.consent.traits import Named, read
from privacy_portal.preferences.record import Wish, record_consent
from privacy_portal.rest.fields import StrictSerializer
from privacy_portal.rest.problems import Problem
from privacy_portal.rest.shapes import shape
from privacy_portal.rest.views import Done, ListView
from privacy_portal.subjects.models import Subject
from regulations.api.ledger_body import EntryBody
from regulations.api.subject_body import ConsentAnswer
from regulations.api.subjects import Subjects

ENTRY, EVIDENCE = {"channel", "subscribed", "evidence"}, {"collectedAt", "source", "wording"}


EvidenceRequest = shape(
    "EvidenceRequest",
    "Shows that the person themselves granted it. Named as in an identify call.",
    {
        "collectedAt": serializers.DateTimeField(),
        "source": serializers.CharField(),
        "wording": serializers.CharField(),
    },
)


class ChannelRequest(serializers.Serializer[Any]):
    channel = serializers.CharField()
    subscribed = serializers.BooleanField()
    evidence = EvidenceRequest(required=False)


class ConsentDocument(serializers.Serializer[Any]):
    """What a caller sends, as the OpenAPI document describes it."""

    channels = ChannelRequest(many=True)


class ConsentRequest(StrictSerializer):
    """The same, as it is read: entries by the one rule that identify calls are read by."""

    channels = serializers.ListField(child=serializers.JSONField(allow_null=True), allow_empty=False)


@extend_schema_view(
    patch=extend_schema(
        operation_id="record_consent",
        summary="Record consent",
        request=ConsentDocument,
        responses=ConsentAnswer,
    )
)
class Consents(Subjects):
    """All entries or none. What changes goes into the ledger with source `api` and upstream as one identify update.
    Channels that are not named stay as they are."""

    rights = {"PATCH": Right.CONSENT}
    problems = ("suppressed",)

    def patch(self, request: Request, **kwargs: Any) -> Response:
        sent = self.sent(ConsentRequest)["channels"]
        subject: Subject = self.get_object()
        named, wrong = read(sent, "channels", subject.brand.channel_names)
        if errors := [_pointed(text, "invalid") for text in [*_unknown_members(sent), *wrong]]:
            raise Problem("invalid", errors=errors)
        wishes = [Wish(entry.channel, entry.subscribed, entry.proof) for entry in named]
        recorded = record_consent(subject, wishes, Source.API, self.token.actor, timezone.now())
        claimed = [_claim(entry) for entry, verdict in zip(named, recorded.verdicts, strict=True)
                   if verdict is Verdict.CLAIMED]  # fmt: skip
        return Response(self.told(Done({"subject": str(subject.pk)})) | {"errors": claimed})


@extend_schema_view(
    get=extend_schema(
        operation_id="consent_history", summary="Read a person's ledger, newest first", responses=EntryBody(many=True)
    )
)
class ConsentHistory(Subjects, ListView):
    """Every change of every channel, as it was recorded."""

    parameters = frozenset({"cursor", "limit"})

    def get(self, request: Request, **kwargs: Any) -> Response:
        self.subject: Subject = self.get_object()
        entries: QuerySet[Entry] = Entry.objects.history(self.subject).select_related("evidence")
        return self.get_paginated_response(EntryBody(self.paginate_queryset(entries), many=True).data)


def _claim(entry: Named) -> dict[str, str]:
    return _pointed(f"{entry.at}.subscribed {GRANT_AGAINST_WITHDRAWAL}", "claimed")


def _pointed(text: str, code: str) -> dict[str, str]:
    """ "channels[0].channel must be…" as {pointer, code, detail}."""
    at, _, rule = text.partition(" ")
    return {"pointer": "#/" + re.sub(r"[.\[]", "/", at.replace("]", "")), "code": code, "detail": rule}


def _unknown_members(entries: list[Any]) -> list[str]:
    """A mistyped member would lose evidence in silence."""
    wrong = []
    for position, entry in enumerate(entries):
        for at, part, known in (("", entry, ENTRY), (".evidence", _member(entry, "evidence"), EVIDENCE)):
            if isinstance(part, dict) and set(part) - known:
                wrong.append(f"channels[{position}]{at} knows only {', '.join(sorted(known))}")
    return wrong


def _member(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None
