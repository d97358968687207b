"""Suppress and Delete: close the gate at once, then erase everywhere (GDPR Art. 17, 21)."""

from regulations.types.base import ClosesTheGate


class SuppressAndDelete(ClosesTheGate):
    value = "suppress_and_delete"
    label = "Suppress and Delete"
    position = 1
    explanation = "Stop collecting and sending at once, then erase everything held about the person."
    erases = True
    actions = ("notify", "erase")


TYPE = SuppressAndDelete()
