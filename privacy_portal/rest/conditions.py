"""What a GET or HEAD asks of a file that has a strong ETag and no date: only if it is another one, or a part of it
(RFC 9110, sections 13 and 14)."""

import re
from collections.abc import Mapping

from django.utils.http import parse_etags

from privacy_portal.rest.problems import Kind, Problem, register

register(
    Kind("precondition_failed", 412, "It is not the one that If-Match names", "Read it again without If-Match."),
    Kind("range_not_satisfiable", 416, "It has no such bytes", "Content-Range says how long it is."),
)
ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
"""Longer numbers are no range that anyone means; what is not understood is ignored."""


def is_known(headers: Mapping[str, str], etag: str) -> bool:
    """Whether If-None-Match says that the caller has it. Problem `precondition_failed` when If-Match wants another."""
    wanted = parse_etags(headers.get("If-Match", ""))
    if wanted and etag not in wanted and wanted != ["*"]:
        raise Problem("precondition_failed")
    known = [tag.removeprefix("W/") for tag in parse_etags(headers.get("If-None-Match", ""))]
    return etag in known or known == ["*"]


def stretch(headers: Mapping[str, str], etag: str, size: int) -> range | None:
    """Which bytes Range asks for; None for all: no range, several, or what is none. Problem `range_not_satisfiable`
    when there are no such bytes."""
    asked = ONE_RANGE.fullmatch(headers.get("Range", ""))
    if not asked or headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not (first or last) or (first and last and int(last) < int(first)):
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= stop:
        raise Problem("range_not_satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return range(start, stop)
