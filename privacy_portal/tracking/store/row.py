"""What the door hands to the writer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from privacy_portal.brands.models import Brand


# Not frozen, which would triple the time it takes to make one; nobody changes them all the same.
@dataclass(slots=True)
class Row:
    """One call on its way into the store. `drop_untracked`: a no-track gate keeps it out (contract T12);
    `previous_key`: the second device that an alias names."""

    event_id: UUID
    brand_id: int
    action: str
    received_at: datetime
    timestamp: datetime
    user_id: str | None
    subject_key: bytes | None
    anonymous_key: bytes | None
    text: bytes
    drop_untracked: bool
    previous_key: bytes | None = None
    message_key: bytes | None = None
    effects: "Effects | None" = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a stored identify says beyond its own row: channels, and addresses to be found by."""

    channels: Any = None
    email: str | None = None
    phone: str | None = None
    message_id: str | None = None


@dataclass(slots=True)
class Request:
    """One POST: its calls, stored together or not at all. `batch_id` is its own eventId when it is a batch."""

    brand: "BrandView"
    public: bool
    received_at: datetime
    rows: list[Row]
    batch_id: UUID | None = None
    message_key: bytes | None = None
    event_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.event_id = self.batch_id or self.rows[0].event_id


@dataclass(frozen=True, slots=True)
class BrandView:
    """What the tracking path needs to know of a brand; at most half a second old."""

    pk: int
    path: str
    commands: frozenset[str]
    channels: tuple[str, ...]
    sticky: bool
    origins: frozenset[str] = frozenset()
    forwards: bool = False

    def as_brand(self) -> Brand:
        """The same brand for those who ask for a model: its key and path, without another look-up."""
        client, account, code = self.path.split("/")
        return Brand(pk=self.pk, client=client, account=account, code=code)


@dataclass(frozen=True, slots=True)
class Said:
    """An identify that says something beyond its own row."""

    brand: BrandView
    public: bool
    row: Row
    effects: Effects


def effects_of(traits: object, message_id: str | None, public: bool) -> Effects | None:
    """What an identify's traits say, or None when there is nothing to follow up."""
    if not isinstance(traits, dict):
        return None
    preferences = traits.get("marketingPreferences")
    channels = preferences.get("channels") if isinstance(preferences, dict) else preferences
    # A public token never sets an address (contract T15).
    email, phone = (None, None) if public else (_address(traits, "email"), _address(traits, "phone"))
    if channels is None and email is None and phone is None:
        return None
    return Effects(channels, email, phone, message_id)


def _address(traits: dict[str, object], name: str) -> str | None:
    value = traits.get(name)
    return value if isinstance(value, str) and value.strip() else None
