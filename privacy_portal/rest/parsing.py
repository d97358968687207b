"""Reading a body: strict JSON, so that what a database cannot hold (half a surrogate pair, NaN, endless nesting)
stops here."""

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request


def read_body(request: Request) -> None:
    """Take the body in, RequestDataTooBig when it is over the limit. One sent in chunks names no length, and would pass
    for an empty one."""
    body = request.body
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
    request.META["CONTENT_LENGTH"] = str(len(body))


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request: Request = (parser_context or {})["request"]
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise UnsupportedMediaType("compressed")
        try:
            return msgspec.json.decode(stream.read())
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise ParseError from None
