from privacy_portal.upstream.models.identify_update import IdentifyUpdate, UpdateStatus
from privacy_portal.upstream.models.pace import Pace

__all__ = ["IdentifyUpdate", "Pace", "UpdateStatus"]
