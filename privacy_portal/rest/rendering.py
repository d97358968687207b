"""Forms an answer can have beside JSON."""

from rest_framework.renderers import JSONRenderer


class ZipRenderer(JSONRenderer):
    """So that `Accept: application/zip` is understood. The zip streams past it; a refusal is JSON all the same."""

    media_type = "application/zip"
    format = "zip"
