"""The views every endpoint is made of."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from privacy_portal.brands.models import ApiToken, Brand
from privacy_portal.brands.rights import Right
from privacy_portal.rest import idempotency
from privacy_portal.rest.authentication import token_of
from privacy_portal.rest.parsing import read_body


class ApiView(GenericAPIView[Any]):
    """One address. `rights`: what each method needs; `problems`: the codes it answers beside those every one has;
    `parameters`: the query parameters it knows."""

    rights: ClassVar[Mapping[str, Right]] = {}
    problems: ClassVar[tuple[str, ...]] = ()
    parameters: ClassVar[frozenset[str]] = frozenset()
    http_method_names = ["get", "head", "post", "patch"]

    @property
    def token(self) -> ApiToken:
        return token_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)
        if str(request.method) not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        read_body(request)
        known = self.known_parameters
        if unknown := sorted(set(request.query_params) - known):
            rule = f"is unknown; known are {', '.join(sorted(known))}" if known else "is unknown; there are none here"
            raise ValidationError(dict.fromkeys(unknown, rule), "unknown")
        _refuse_vague(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization"])
        return response

    def of_my_brands(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the brands this token serves."""
        return rows if self.token.all_brands else rows.filter(brand__in=self.token.allowed_brands())

    def brand(self, path: str) -> Brand:
        """The brand of "client/account/BRAND"; one that is unknown or foreign is not found."""
        brand = None if "\x00" in path else self.token.allowed_brands().at(path).first()
        if brand is None:
            raise Http404
        return brand

    def sent(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The body, checked."""
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    @property
    def known_parameters(self) -> frozenset[str]:
        """The query parameters of this address."""
        filterset = getattr(self, "filterset_class", None)
        return frozenset(filterset.base_filters) | {"cursor", "limit"} if filterset else self.parameters


def _refuse_vague(request: Request) -> None:
    """A filter left empty would show all there is, and of two the last would count without a word."""
    rules: dict[str, str] = {}
    for name, values in request.query_params.lists():
        if len(values) > 1:
            rules[name] = "must be given once"
        elif not values[0].strip():
            rules[name] = "must not be empty"
    if rules:
        raise ValidationError(rules)


class ListView(ApiView):
    """GET: a page of what `get_queryset` gives."""

    rights = {"GET": Right.SEE}

    def get(self, request: Request, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class OneView(ApiView):
    """GET: one row by its id."""

    rights = {"GET": Right.SEE}
    lookup_field = "id"

    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


@dataclass(frozen=True)
class Done:
    """What a POST did: `made` tells it by ids, or by what else it takes to render the answer again. `row`: what was
    made, when it is all at hand, so that it need not be read again for the first answer."""

    made: dict[str, str]
    status: int = 200
    row: Model | None = None


class ActView(ApiView):
    """POST: `act` does it, `told` renders the row of what was done, also when the same request comes again under its
    key."""

    def act(self, request: Request, **kwargs: Any) -> Done:
        raise NotImplementedError

    def told(self, done: Done) -> dict[str, Any]:
        raise NotImplementedError

    def location(self, made: dict[str, str]) -> str | None:
        """The address of what was made."""
        return None

    def post(self, request: Request, **kwargs: Any) -> Response:
        shown = idempotency.presented(request)
        with idempotency.alone(shown) if shown else nullcontext(), transaction.atomic():
            before = idempotency.earlier(shown) if shown else None
            done = Done(before.made, before.status) if before else self.act(request, **kwargs)
            if shown and not before:
                idempotency.keep(shown, done.status, done.made)
        headers = {"Idempotent-Replayed": "true"} if before else {}
        if place := self.location(done.made):
            headers["Location"] = place
        return Response(self.told(done), done.status, headers=headers)


def found(rows: QuerySet[Any], pk: str) -> Model:
    """The row of an id that this portal gave out, or Http404."""
    row: Model | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
