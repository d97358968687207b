"""Asks the running web process whether the product is ready."""

import json
from http.client import HTTPConnection, HTTPException

from django.conf import settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def failing() -> list[str]:
    """Names of what is not ready; none when all of it is."""
    connection = HTTPConnection(EVERYWHERE.get(settings.HOST, settings.HOST), settings.PORT, timeout=5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        checks = json.loads(response.read())["checks"]
    except (OSError, HTTPException, ValueError, KeyError):
        return ["web"]
    finally:
        connection.close()
    return [name for name, state in checks.items() if state != "ok"]
