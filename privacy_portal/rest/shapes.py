"""Serializers for shapes whose members have names that a Python class cannot give its attributes (`errors`, `source`,
`eventId`, `List-Unsubscribe`)."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


def shape(
    name: str, doc: str, members: Mapping[str, Any], base: type[serializers.Serializer[Any]] = serializers.Serializer
) -> type[serializers.Serializer[Any]]:
    """A serializer of this name with `base`'s members and these."""
    return type(name, (base,), {"__doc__": doc, "__module__": __name__, **members})
