"""Suppress: from the answer on nothing new is stored, forwarded or sent; what is stored stays (GDPR Art. 18, 21)."""

from datetime import datetime
from typing import TYPE_CHECKING

from privacy_portal.subjects.models import Subject
from regulations.types.base import RegulationType, refuse_unless, withdraw_everything

if TYPE_CHECKING:
    from regulations.models import Regulation


class Suppress(RegulationType):
    value = "suppress"
    label = "Suppress"
    position = 4
    explanation = "Stop collecting and sending. What is stored stays. Every marketing channel is withdrawn."
    displaces = "unsuppress"
    withdraws = True
    changes_the_gate = True

    def check(self, subject: Subject, opening: bool) -> None:
        refuse_unless(not subject.suppressed or opening, "already_suppressed", "The person is suppressed already.")

    def at_once(self, regulation: "Regulation", subject: Subject, now: datetime) -> bool:
        closed = subject.suppress()
        withdraw_everything(subject, regulation.brand.channel_names, now)
        return closed

    def reopen(self, subject: Subject) -> None:
        subject.unsuppress()


TYPE = Suppress()
