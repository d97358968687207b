"""Track: undo a NoTrack."""

from typing import TYPE_CHECKING

from privacy_portal.subjects.models import Subject
from regulations.types.base import RegulationType, refuse_unless

if TYPE_CHECKING:
    from regulations.models import Regulation


class Track(RegulationType):
    value = "track"
    label = "Track"
    position = 6
    explanation = "Undo a NoTrack: track what the person does again."
    leaves = {"no_track": False}
    changes_the_gate = True

    def check(self, subject: Subject, opening: bool) -> None:
        refuse_unless(subject.no_track, "not_no_track", "Track is only available for a person under NoTrack.")

    def begin(self, regulation: "Regulation", subject: Subject) -> None:
        subject.resume_tracking()


TYPE = Track()
