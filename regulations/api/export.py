"""The zip of an Access regulation."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from privacy_portal.audit.models import record
from privacy_portal.brands.console.roles import Right
from privacy_portal.rest.problems import Problem
from privacy_portal.rest.rendering import ZipRenderer
from privacy_portal.rest.views import ApiView
from regulations.exports import download
from regulations.models import Export, Regulation, RegulationStatus


class ExportView(ApiView):
    rights = {"GET": Right.EXPORT}
    problems = ("not_finished", "gone")
    renderer_classes = [ZipRenderer, JSONRenderer]

    @extend_schema(
        operation_id="download_export",
        summary="Download the zip of an Access regulation",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, **kwargs: Any) -> FileResponse:
        """Everything held about the person, until it expires. Each download is audited. A regulation that is no
        Access has none."""
        export = self._export(kwargs["id"])
        if not export.is_downloadable(timezone.now()):
            raise Problem("gone")
        answer = download.response(export)
        if request.method == "GET":
            with transaction.atomic():
                record(
                    "export.downloaded", self.token.actor, brand=export.regulation.brand_id, subject=export.subject_id,
                    of=export,
                )  # fmt: skip
        return answer

    def _export(self, regulation_id: UUID) -> Export:
        rows = self.of_my_brands(Regulation.objects.filter(type="access", pk=regulation_id))
        regulation = rows.select_related("export").first()
        if regulation is None or regulation.status == RegulationStatus.CANCELLED:
            raise Http404
        if regulation.is_open or not hasattr(regulation, "export"):
            raise Problem("not_finished")
        return regulation.export
