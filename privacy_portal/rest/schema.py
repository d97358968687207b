"""The OpenAPI document: what drf-spectacular finds, with every refusal by its code."""

from collections import defaultdict
from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from privacy_portal.rest.bodies import FieldProblem
from privacy_portal.rest.problems import KINDS, MEDIA_TYPE
from privacy_portal.rest.shapes import shape
from privacy_portal.rest.views import ApiView, ListView

ALWAYS = ("not_authenticated", "invalid_token", "permission_denied", "not_acceptable", "unexpected", "unavailable")
WITH_BODY = ("malformed", "body_too_large", "unsupported_media_type")
WITH_KEY = ("idempotency_key_invalid", "idempotency_in_progress", "idempotency_key_reused")
KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 257},
    "description": "Makes a repeat safe: for 24 hours the same request under the same key gets the answer of the "
    "first, with `Idempotent-Replayed: true`. Quoted or bare, 1–255 visible ASCII characters. A refused request frees "
    "the key.",
}


@cache
def problem_details() -> type[serializers.Serializer[Any]]:
    """Made when it is asked for: by then every app has registered its codes."""
    return shape(
        "ProblemDetails",
        "RFC 9457 problem details. `code` is stable; some codes bring members of their own (`already_open`: `open`).",
        {
            "type": serializers.URLField(help_text="The page that explains the code."),
            "title": serializers.CharField(),
            "status": serializers.IntegerField(),
            "code": serializers.ChoiceField(choices=sorted(KINDS)),
            "detail": serializers.CharField(),
            "instance": serializers.CharField(help_text="The path of the request."),
            "errors": FieldProblem(many=True),
            "open": serializers.UUIDField(required=False, help_text="Of `already_open`: which one is."),
        },
    )


class BearerScheme(OpenApiAuthenticationExtension):
    """Known to drf-spectacular as soon as it is read."""

    target_class = "privacy_portal.rest.authentication.BearerAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, made with `manage.py create_api_token` or in the console.",
        }


class ApiSchema(AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        operation = super().get_operation(*args, **kwargs) or {}
        if not isinstance(self.view, ApiView):
            return operation
        answer = {"schema": self.resolve_serializer(problem_details(), "response").ref}
        for status, codes in _refusals(self.view, self.method).items():
            described = "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes)
            operation["responses"][str(status)] = {"description": described, "content": {MEDIA_TYPE: answer}}
        operation["responses"] = dict(sorted(operation["responses"].items()))
        if self.method == "POST":
            operation.setdefault("parameters", []).append(KEY_HEADER)
        return operation

    def _is_list_view(self, serializer: Any = None) -> bool:
        """By our own base class; drf-spectacular knows those of its own."""
        return self.method == "GET" and isinstance(self.view, ListView)


def _refusals(view: ApiView, method: str) -> dict[int, list[str]]:
    """The codes of one operation, by status."""
    codes = [*ALWAYS, "invalid", "not_found"]
    if method != "GET" or not isinstance(view, ListView):
        codes += view.problems
    if method != "GET":
        codes += WITH_BODY
    if method == "POST":
        codes += WITH_KEY
    by_status = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_status[KINDS[code].status].append(code)
    return by_status
