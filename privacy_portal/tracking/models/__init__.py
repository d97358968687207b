from privacy_portal.tracking.models.event import Action, Event, EventStatus
from privacy_portal.tracking.models.message import Message

__all__ = ["Action", "Event", "EventStatus", "Message"]
