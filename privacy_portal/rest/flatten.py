"""DRF's nested validation errors as one list, each with the JSON Pointer of what it is about."""

from typing import Any

from rest_framework.settings import api_settings


def flattened(details: Any, pointer: str = "#") -> list[dict[str, str]]:
    """`details`: as `get_full_details` gives them. Returns [{pointer, code, detail}]."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and isinstance(details["message"], str):
        return [{"pointer": pointer, "code": str(details["code"]), "detail": str(details["message"])}]
    if isinstance(details, dict):
        return [
            error
            for name, below in details.items()
            for error in flattened(below, pointer if name == api_settings.NON_FIELD_ERRORS_KEY else f"{pointer}/{name}")
        ]
    return [error for below in details for error in flattened(below, pointer)]
