"""Unsuppress: end a suppression. Earlier consents are not resurrected."""

from typing import TYPE_CHECKING

from privacy_portal.subjects.models import Subject
from regulations.types.base import RegulationType, refuse_unless

if TYPE_CHECKING:
    from regulations.models import Regulation


class Unsuppress(RegulationType):
    value = "unsuppress"
    label = "Unsuppress"
    position = 3
    explanation = "End a suppression: collect again. Marketing stays off until the person says otherwise."
    barred_by_erasure = True
    leaves = {"suppressed": False}
    changes_the_gate = True

    def check(self, subject: Subject, opening: bool) -> None:
        refuse_unless(subject.suppressed, "not_suppressed", "The person is not suppressed.")

    def begin(self, regulation: "Regulation", subject: Subject) -> None:
        subject.unsuppress()
        subject.remain_known()


TYPE = Unsuppress()
