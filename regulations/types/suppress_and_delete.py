"""Suppress and Delete: close the gate at once, then erase everywhere (GDPR Art. 17, 21)."""

from privacy_portal.subjects.models import Subject
from regulations.types.suppress import Suppress


class SuppressAndDelete(Suppress):
    value = "suppress_and_delete"
    label = "Suppress and Delete"
    position = 1
    explanation = "Stop collecting and sending at once, then erase everything held about the person."
    erases = True
    actions = ("notify", "erase")

    def check(self, subject: Subject, opening: bool) -> None:
        """Nothing is needed: whatever the state, the person wants out."""


TYPE = SuppressAndDelete()
