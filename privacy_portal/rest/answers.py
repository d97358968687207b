"""How a refusal leaves: application/problem+json, whatever went wrong and wherever (RFC 9457)."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.response import Response

from privacy_portal.outage import is_outage
from privacy_portal.rest.flatten import flattened
from privacy_portal.rest.problems import MEDIA_TYPE, Problem, kind_of
from privacy_portal.subjects.errors import Conflict

logger = logging.getLogger(__name__)
_RAISED_BY_DRF: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "invalid_token",
    exceptions.PermissionDenied: "permission_denied",
    PermissionDenied: "permission_denied",
    exceptions.NotFound: "not_found",
    Http404: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ParseError: "malformed",
    RequestDataTooBig: "body_too_large",
}


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every exception becomes a problem, an unknown one without any text of its own."""
    request: HttpRequest = context["request"]
    problem = as_problem(error)
    if problem.kind.status >= 500:
        _note(error, context)
    headers = dict(problem.headers)
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Response(problem.body(request.path), problem.kind.status, headers=headers, content_type=MEDIA_TYPE)


def as_problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Conflict):
        return _of_conflict(error)
    if isinstance(error, exceptions.ValidationError):
        return Problem("invalid", errors=flattened(error.get_full_details()))
    if is_outage(error):
        return Problem("unavailable", headers={"Retry-After": "1"})
    for raised, code in _RAISED_BY_DRF.items():
        if isinstance(error, raised):
            return Problem(code)
    return Problem("unexpected")


def _of_conflict(conflict: Conflict) -> Problem:
    problem = Problem("conflict", conflict.detail)
    problem.kind, problem.extra = kind_of(conflict.code, 409), conflict.extra
    return problem


def _note(error: Exception, context: dict[str, Any]) -> None:
    view = type(context.get("view"))
    logger.error("rest.failed error=%s view=%s", type(error).__name__, view.__name__, exc_info=error)
    got_request_exception.send(sender=view, request=context["request"]._request)
