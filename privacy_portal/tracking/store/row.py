"""What the door hands to the writer, and how it is written down on the way: as arrays, without the names."""

from datetime import datetime

import msgspec

from privacy_portal.brands.models import Brand


class Row(msgspec.Struct, array_like=True, gc=False):
    """One call on its way into the store. `event_id`: a UUID as text. `drop_untracked`: a no-track gate keeps it out
    (contract T12). `previous_key`: the second device that an alias names."""

    event_id: str
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


class Request(msgspec.Struct, array_like=True, gc=False):
    """One POST: its calls, stored together or not at all. `batch_id` is its own eventId when it is a batch."""

    brand: "BrandView"
    public: bool
    received_at: datetime
    rows: list[Row]
    batch_id: str | None = None
    message_key: bytes | None = None

    @property
    def event_id(self) -> str:
        return self.batch_id or self.rows[0].event_id


class BrandView(msgspec.Struct, array_like=True, frozen=True, gc=False):
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
