"""Shapes that several endpoints answer with."""

from typing import Any

from rest_framework import serializers


class FieldProblem(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON Pointer into the body; `#/<name>` for a query parameter.")
    code = serializers.CharField()
    detail = serializers.CharField(help_text="The rule, for people.")
