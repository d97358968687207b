"""Delete: erase what is held about someone who is suppressed already (GDPR Art. 17)."""

from privacy_portal.subjects.models import Subject
from regulations.types.base import RegulationType, refuse_unless


class Delete(RegulationType):
    value = "delete"
    label = "Delete"
    position = 2
    explanation = "Erase everything held about a person who is suppressed already."
    displaces = "unsuppress"  # what is erased must stay out, so one that has not opened the gate yet gives way
    erases = True
    leaves = {"suppressed": True}
    actions = ("notify", "erase")

    def check(self, subject: Subject, opening: bool) -> None:
        refuse_unless(subject.suppressed, "not_suppressed", "Delete is only available for a suppressed person.")


TYPE = Delete()
