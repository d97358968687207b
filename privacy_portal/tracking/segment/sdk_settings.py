"""What the browser's and the apps' SDKs ask for before they start: where to send, and what to do beside it."""

from urllib.parse import urlsplit

from django.conf import settings

from privacy_portal.tracking.exchange import encode


def sdk_settings(key: str) -> bytes:
    """The same for every key, known or not: nobody learns from it which keys there are. No metrics of the SDK's own."""
    public = urlsplit(settings.PUBLIC_URL)
    destination = {"apiKey": key, "apiHost": f"{public.netloc}/v1", "protocol": public.scheme}
    return encode({"integrations": {"Segment.io": destination}, "plan": {}, "metrics": {"sampleRate": 0}})
