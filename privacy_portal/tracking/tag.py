"""`/tag/1/tag.js`: the script that a web page loads (contract T16), served as it stands in tag.js."""

import hashlib
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_safe

SOURCE = Path(__file__).with_suffix(".js").read_bytes()
ETAG = f'"{hashlib.sha256(SOURCE).hexdigest()[:32]}"'
HEADERS = {
    # Long enough to cost nothing, short enough that a correction reaches every page by the next day.
    "Cache-Control": "public, max-age=86400",
    "Vary": "Accept-Encoding",
    # Any page may load it, also with `integrity`, which wants CORS, and under `Cross-Origin-Embedder-Policy`.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@csrf_exempt  # or what is no GET would be told of a token, and not of the methods there are
@require_safe
def tag(request: HttpRequest) -> HttpResponse:
    """The script, or 304; a browser checks the headers of both."""
    response = _script(request)
    for name, value in HEADERS.items():
        response[name] = value
    return response


@gzip_page
@etag(lambda request: ETAG)
def _script(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SOURCE, content_type="text/javascript; charset=utf-8")
