"""Recognising a one-click unsubscribe in the body of a POST (RFC 8058), however it is written."""

import re
from urllib.parse import parse_qsl

from django.http import HttpRequest

NAME, VALUE = "List-Unsubscribe", "One-Click"
LONGEST_BODY = 4096
# Content-Disposition naming the field, any further headers, an empty line, the first line of the value. The boundary
# is not looked at: the one that RFC 8058 §8.3 prints is two dashes short of what MIME asks for.
_PART = re.compile(
    r'^content-disposition:[^\r\n]*;\s*name="?List-Unsubscribe"?\s*(?:;[^\r\n]*)?\r?\n(?:[^\r\n]+\r?\n)*\r?\n([^\r\n]*)',
    re.MULTILINE | re.IGNORECASE,
)


def asks_to_unsubscribe(request: HttpRequest) -> bool:
    """Whether the body is the pair, as a form of either kind or as plain text. Never an error, whatever was sent."""
    text = request.read(LONGEST_BODY).decode("latin-1")
    kind = (request.content_type or "").lower()
    if kind.startswith("multipart/") and _PART.search(text):
        return any(_is_value(found[1]) and NAME in found[0] for found in _PART.finditer(text))
    if kind == "application/x-www-form-urlencoded":
        return any(name == NAME and _is_value(value) for name, value in parse_qsl(text))
    name, _, value = text.partition("=")
    return name == NAME and _is_value(value)


def _is_value(text: str) -> bool:
    """The first line counts, since a misread boundary leaves more lines behind it."""
    return text.split("\n", 1)[0].split("&", 1)[0].strip() == VALUE
