from privacy_portal.tracking.models.event import Action, Event, EventStatus
from privacy_portal.tracking.models.forwarding import Forwarding, ForwardingStatus
from privacy_portal.tracking.models.message import Message

__all__ = ["Action", "Event", "EventStatus", "Forwarding", "ForwardingStatus", "Message"]
