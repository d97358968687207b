from privacy_portal.consent.models.entry import Entry, Source
from privacy_portal.consent.models.evidence import Evidence
from privacy_portal.consent.models.preference import Preference

__all__ = ["Entry", "Evidence", "Preference", "Source"]
