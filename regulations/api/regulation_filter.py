"""How a list of regulations can be narrowed."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from privacy_portal.rest.filters import BrandFilter, MomentFilter, WordFilter
from regulations.models import Regulation, RegulationStatus
from regulations.types import TYPES


class RegulationFilter(django_filters.FilterSet):
    """`…_after` is exclusive as `…_before` is. `overdue`: past the legal deadline, neither done nor replaced."""

    brand = BrandFilter(help_text="client/account/BRAND")
    type = WordFilter(TYPES)
    status = WordFilter(RegulationStatus.values)
    subject = django_filters.UUIDFilter(field_name="subject_id")
    overdue = WordFilter(("true", "false"), method="by_deadline")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gt")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    received_after = MomentFilter(field_name="received_at", lookup_expr="gt")
    received_before = MomentFilter(field_name="received_at", lookup_expr="lt")

    def by_deadline(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        overdue = Regulation.objects.overdue(timezone.now()).order_by().values("pk")
        return rows.filter(pk__in=overdue) if value == "true" else rows.exclude(pk__in=overdue)
