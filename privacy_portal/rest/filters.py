"""Filters of lists. Values that make no sense are refused: a filter that silently does nothing shows too much."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from privacy_portal.timestamps import BadTimestamp, parse


class _MomentFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return parse(value)
        except BadTimestamp as error:
            raise ValidationError(str(error), "invalid") from None


@extend_schema_field({"type": "string", "format": "date-time"})
class MomentFilter(django_filters.Filter):
    """created_after and the like; a `+` of an offset must be written %2B."""

    field_class = _MomentFormField

    def filter(self, qs: QuerySet[Any], value: datetime | None) -> QuerySet[Any]:
        return super().filter(qs, value)


class WordFilter(django_filters.ChoiceFilter):
    """One of a few words."""

    def __init__(self, words: Any, **options: Any) -> None:
        self.words = [str(word) for word in words]
        super().__init__(
            choices=[(word, word) for word in self.words],
            error_messages={"invalid_choice": f"must be one of {', '.join(self.words)}"},
            null_label=None,
            **options,
        )


class BrandFilter(django_filters.CharFilter):
    """ "client/account/BRAND"; one that is unknown or foreign is not found."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        return qs.filter(brand=self.parent.view.brand(value))


class FilterBackend(DjangoFilterBackend):
    """Gives filters the view, whose token says which brands there are."""

    def get_filterset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None:
            filterset.view = view
        return filterset
