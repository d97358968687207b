"""Pages by cursor: newest first, by an id that is unique, so equal times lose and repeat nothing."""

from typing import Any

from django.core import signing
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

SALT = "privacy_portal.rest.cursor"


def _signer(request: Request) -> signing.Signer:
    """One for each list: an id of another one is no place in it, nor even of the same kind."""
    return signing.Signer(salt=f"{SALT} {request.path}")


class NewestFirst(CursorPagination):
    """`next` and `previous` hold the place as a signed cursor: an id, never a person."""

    request: Request  # set when a page is made
    ordering = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    page_size_query_description = "How many a page holds: 1–200, 50 unless given."
    cursor_query_description = "Where the page begins, as `next` or `previous` of another page says."

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= self.max_page_size):
            raise ValidationError({"limit": "must be a whole number from 1 to 200"})
        return int(given)

    def decode_cursor(self, request: Request) -> Cursor | None:
        given = request.query_params.get("cursor")
        if given is None:
            return None
        try:
            return Cursor(*_signer(request).unsign_object(given))
        except signing.BadSignature:
            raise ValidationError({"cursor": "must be one that a page gave out"}) from None

    def encode_cursor(self, cursor: Cursor) -> str:
        place: Any = [cursor.offset, cursor.reverse, cursor.position]
        sealed = _signer(self.request).sign_object(place)
        return str(replace_query_param(self.base_url or "", "cursor", sealed))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        members = {"results": schema, "next": link, "previous": link}
        return {"type": "object", "required": list(members), "properties": members}
