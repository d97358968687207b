"""The zip of an Access regulation."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from privacy_portal.audit.models import record
from privacy_portal.brands.rights import Right
from privacy_portal.rest.problems import Problem
from privacy_portal.rest.rendering import ZipRenderer
from privacy_portal.rest.views import ApiView
from regulations.exports import download
from regulations.models import Export, Regulation, RegulationStatus

ASKED = [
    OpenApiParameter(name, location=OpenApiParameter.HEADER, description=meaning)
    for name, meaning in {
        "Range": "One range of bytes: `bytes=0-9`, `bytes=10-`, or `bytes=-5` for the last five.",
        "If-Range": "The ETag that the part already had came with; where it is another, all is sent.",
        "If-None-Match": "ETags that the caller has.",
        "If-Match": "The ETag that is wanted, and no other.",
    }.items()
]


class ExportView(ApiView):
    rights = {"GET": Right.EXPORT}
    problems = ("not_finished", "gone", "precondition_failed", "range_not_satisfiable")
    renderer_classes = [ZipRenderer, JSONRenderer]

    @extend_schema(
        operation_id="download_export",
        summary="Download the zip of an Access regulation",
        parameters=ASKED,
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (206, "application/zip"): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="`If-None-Match` names the ETag: the caller has it."),
        },
    )
    def get(self, request: Request, **kwargs: Any) -> FileResponse | HttpResponse:
        """Everything held about the person, until it expires. A download that broke off is resumed with `Range`: one
        range of bytes is answered 206 with `Content-Range`; several, or what is no range, are ignored. Each answer
        that hands out bytes is audited. A regulation that is no Access has none."""
        export = self._export(kwargs["id"])
        try:
            answer = download.answer(export, request._request)
        except download.Gone:
            raise Problem("gone") from None
        if isinstance(answer, FileResponse):
            with transaction.atomic():
                record(
                    "export.downloaded", self.token.actor, brand=export.regulation.brand_id, subject=export.subject_id,
                    of=export,
                )  # fmt: skip
        return answer

    def _export(self, regulation_id: UUID) -> Export:
        rows = self.of_my_brands(Regulation.objects.collecting().filter(pk=regulation_id))
        regulation = rows.select_related("export").first()
        if regulation is None or regulation.status == RegulationStatus.CANCELLED:
            raise Http404
        if regulation.is_open or not hasattr(regulation, "export"):
            raise Problem("not_finished")
        return regulation.export
