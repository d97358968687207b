"""Fields that take a value as it was sent or refuse it: nothing is trimmed, nothing is coerced."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from privacy_portal.timestamps import RULE, BadTimestamp, parse, written


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members it does not know: a mistyped one would be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            names = ", ".join(self.fields)
            raise serializers.ValidationError(
                {name: serializers.ErrorDetail(f"is unknown; known are {names}", "unknown") for name in unknown}
            )
        return super().to_internal_value(data)


class StrictText(serializers.CharField):
    """Text without \\u0000, as it is. `max_length` counts characters."""

    default_error_messages = {
        "invalid": "must be a string",
        "null": "must be a string",
        "blank": "must not be empty",
        "max_length": "must be at most {max_length} characters",
        "nul": "must not contain \\u0000",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None:
            self._check(data)
        return super().run_validation(data)

    def _check(self, data: Any) -> None:
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:
            self.fail("nul")


class IdentityField(StrictText):
    """A userId or anonymousId by the rule of the tracking API (contract T5)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=256, **options)

    def _check(self, data: Any) -> None:
        super()._check(data)
        if not data.strip():
            self.fail("blank")


class ChoiceField(serializers.ChoiceField):
    """One of a few words; a refusal names them all and does not repeat what was sent."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(f"must be one of {', '.join(map(str, self.choices))}", "invalid_choice")
        return data


@extend_schema_field({"type": ["string", "null"]})
class OrNull(serializers.Field[str, Any, str | None, Any]):
    """Text to show, null when there is none."""

    def to_representation(self, value: str) -> str | None:
        return value or None


class WholeNumberField(serializers.IntegerField):
    default_error_messages = {"invalid": "must be a whole number", "null": "must be a whole number"}

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not int:
            self.fail("invalid")
        return data


@extend_schema_field({"type": "string", "format": "date-time"})
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A time: read as the tracking API reads it (contract T7), written in UTC with `Z`."""

    default_error_messages = {"null": RULE}

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return parse(data)
        except BadTimestamp:
            raise serializers.ValidationError(RULE, "invalid") from None

    def to_representation(self, value: datetime) -> str:
        return written(value)


def not_in_the_future(moment: datetime) -> None:
    if moment > timezone.now():
        raise serializers.ValidationError("must not lie in the future", "future")
