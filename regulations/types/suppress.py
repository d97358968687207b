"""Suppress: from the answer on nothing new is stored, forwarded or sent; what is stored stays (GDPR Art. 18, 21)."""

from privacy_portal.subjects.models import Subject
from regulations.types.base import ClosesTheGate, refuse_unless


class Suppress(ClosesTheGate):
    value = "suppress"
    label = "Suppress"
    position = 4
    explanation = "Stop collecting and sending. What is stored stays. Every marketing channel is withdrawn."

    def check(self, subject: Subject, opening: bool) -> None:
        refuse_unless(not subject.suppressed or opening, "already_suppressed", "The person is suppressed already.")


TYPE = Suppress()
