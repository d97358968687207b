"""What a stored identify says beyond its own row: channels, and addresses to be found by."""

from dataclasses import dataclass
from typing import Any

from privacy_portal.tracking import json_text
from privacy_portal.tracking.models import Action
from privacy_portal.tracking.store.row import BrandView, Request, Row


@dataclass(frozen=True, slots=True)
class Effects:
    channels: Any = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One identify that says something, with the messageId that its caller gave it."""

    brand: BrandView
    public: bool
    row: Row
    effects: Effects
    message_id: object

    @property
    def is_of_a_device(self) -> bool:
        """Whether it speaks of channels for nobody by name, but for whom its device is linked to."""
        return self.row.subject_key is None and self.effects.channels is not None


def said_by(request: Request, row: Row) -> Said | None:
    """Read from the text that is stored; None where there is nothing to follow up."""
    if row.action != Action.IDENTIFY:
        return None
    content = json_text.decoded(row.text)
    effects = effects_of(content.get("traits"), request.public)
    if effects is None:
        return None
    return Said(request.brand, request.public, row, effects, content.get("messageId"))


def effects_of(traits: object, public: bool) -> Effects | None:
    """What an identify's traits say, or None when there is nothing to follow up."""
    if not isinstance(traits, dict):
        return None
    preferences = traits.get("marketingPreferences")
    # Anything but an object has no channels, which is told like channels that are no array.
    channels = preferences.get("channels") if isinstance(preferences, dict) else None if preferences is None else False
    # A public token never sets an address (contract T15).
    email, phone = (None, None) if public else (_address(traits, "email"), _address(traits, "phone"))
    if channels is None and email is None and phone is None:
        return None
    return Effects(channels, email, phone)


def _address(traits: dict[str, object], name: str) -> str | None:
    value = traits.get(name)
    return value if isinstance(value, str) and value.strip() else None
