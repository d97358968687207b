"""The OpenAPI document: what drf-spectacular finds, with every refusal by its code."""

from collections import defaultdict
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from privacy_portal.rest.answers import MEDIA_TYPE
from privacy_portal.rest.problems import KINDS
from privacy_portal.rest.views import ActView, ApiView, ListView

ALWAYS = ("not_authenticated", "invalid_token", "permission_denied", "not_acceptable", "unexpected", "unavailable")
WITH_BODY = ("malformed", "body_too_large", "unsupported_media_type")
WITH_KEY = ("idempotency_key_invalid", "idempotency_in_progress", "idempotency_key_reused")
KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 257},
    "description": "Makes a repeat safe: for 24 hours the same request under the same key gets the answer of the first, "
    "with `Idempotent-Replayed: true`. Quoted or bare, 1–255 visible ASCII characters. A refused request frees it.",
}


class FieldProblem(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON Pointer into the body; `#/<name>` for a query parameter.")
    code = serializers.CharField()
    detail = serializers.CharField(help_text="The rule, for people.")


class ProblemDetails(serializers.Serializer[Any]):
    """RFC 9457 problem details. `code` is stable; some codes bring further members, such as `open` of `already_open`."""

    type = serializers.URLField(help_text="The page that explains the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.ChoiceField(choices=sorted(KINDS))
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="The path of the request.")
    errors = FieldProblem(many=True)


class ApiSchema(AutoSchema):
    view: ApiView

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        operation: dict[str, Any] = super().get_operation(*args, **kwargs)
        if not isinstance(self.view, ApiView):
            return operation
        answer = {"schema": self.resolve_serializer(ProblemDetails, "response").ref}
        for status, codes in self._refusals().items():
            described = "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes)
            operation["responses"][str(status)] = {"description": described, "content": {MEDIA_TYPE: answer}}
        operation["responses"] = dict(sorted(operation["responses"].items()))
        if isinstance(self.view, ActView):
            operation.setdefault("parameters", []).append(KEY_HEADER)
        return operation

    def _refusals(self) -> dict[int, list[str]]:
        codes = [*ALWAYS, "invalid", *self.view.problems]
        codes += WITH_BODY if self.method != "GET" else ()
        codes += WITH_KEY if isinstance(self.view, ActView) else ()
        codes += ("not_found",) if not isinstance(self.view, ListView) or "brand" in self.view.known_parameters else ()
        by_status = defaultdict(list)
        for code in dict.fromkeys(codes):
            by_status[KINDS[code].status].append(code)
        return by_status
