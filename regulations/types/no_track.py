"""NoTrack: stop tracking events; messages, commands and identify go on, but not by the JS tag."""

from datetime import datetime

from privacy_portal.subjects.models import Subject
from regulations.types.base import RegulationType, refuse_unless


class NoTrack(RegulationType):
    value = "no_track"
    label = "NoTrack"
    position = 5
    explanation = "Stop tracking what the person does. Messages, commands and identify calls of servers go on."
    displaces = "track"
    asked_by_support = True
    leaves = {"no_track": True}
    changes_the_gate = True

    def check(self, subject: Subject, opening: bool) -> None:
        refuse_unless(not subject.no_track or opening, "already_no_track", "The person is not tracked already.")

    def at_once(self, subject: Subject, now: datetime) -> bool:
        return subject.stop_tracking()

    def reopen(self, subject: Subject) -> None:
        subject.resume_tracking()


TYPE = NoTrack()
