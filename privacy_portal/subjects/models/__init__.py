from privacy_portal.subjects.models.contact_point import ContactPoint
from privacy_portal.subjects.models.key_check import KeyCheck
from privacy_portal.subjects.models.link import Link
from privacy_portal.subjects.models.subject import Subject

__all__ = ["ContactPoint", "KeyCheck", "Link", "Subject"]
