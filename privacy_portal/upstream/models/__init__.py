from privacy_portal.upstream.models.identify_update import FORGOTTEN, IdentifyUpdate, UpdateStatus
from privacy_portal.upstream.models.pace import Pace

__all__ = ["FORGOTTEN", "IdentifyUpdate", "Pace", "UpdateStatus"]
