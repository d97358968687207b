"""Filters that lists share. They put ids and words into the address, never what names a person."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from privacy_portal.brands.console.roles import member


class BrandFilter(SimpleListFilter):
    """By brand, of those this member of staff serves; nothing to choose when that is one."""

    title = "brand"
    parameter_name = "in_brand"
    path = "brand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        brands = member(request).brands[:200]
        return [(str(brand.pk), brand.path) for brand in brands] if len(brands) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen is None or not chosen.isdecimal():
            return queryset
        return queryset.filter(**{f"{self.path}_id": int(chosen)})


class SubjectBrandFilter(BrandFilter):
    path = "subject__brand"


class AuditBrandFilter(BrandFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(brand_ref=int(chosen)) if chosen and chosen.isdecimal() else queryset
