"""Filters that lists share. They put ids and words into the address, never what names a person."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from privacy_portal.brands.console.roles import member

LONGEST_ID = 18
"""Digits: what is longer no database takes for one."""


class BrandFilter(SimpleListFilter):
    """By brand, of those this member of staff serves; nothing to choose when that is one."""

    title = "brand"
    parameter_name = "in_brand"
    path = "brand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        brands = member(request).brands[:200]
        return [(str(brand.pk), brand.path) for brand in brands] if len(brands) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen is None else queryset.filter(**{f"{self.path}_id": chosen})

    def chosen(self) -> int | None:
        """The brand's id; None where the address names none."""
        value = self.value() or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) <= LONGEST_ID else None


class SubjectBrandFilter(BrandFilter):
    path = "subject__brand"


class AuditBrandFilter(BrandFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen is None else queryset.filter(brand_ref=chosen)
