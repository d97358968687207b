"""What a regulation type says about itself: what it needs, does at once, does when it begins, and leaves to steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from privacy_portal.consent import ledger
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Preference, Source
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject

if TYPE_CHECKING:
    from regulations.models import Regulation


class RegulationType:
    """The defaults are those of a type that does nothing; subclasses override what they do.

    value, label: as in the contract's table; displaces: the opening type that gives way to it, since it closes the gate
    or needs it closed; erases: data goes; barred_by_erasure: it cannot be asked for while an erasure is open;
    kept_for_erasure: one that closed the gate cannot be cancelled then; withdraws: every channel is withdrawn, and the
    upstream told; leaves: the person's flags as it leaves them, by which it shows whether a later one undid it;
    changes_the_gate: it has that effect whatever its steps come to; asked_by_support: role support may ask for it (the
    others open a gate, or erase without closing one: they are the DPO's, contract A2); actions: what is done at every
    destination that can.
    """

    value: ClassVar[str]
    label: ClassVar[str]
    position: ClassVar[int]
    explanation: ClassVar[str]
    displaces: ClassVar[str] = ""
    erases: ClassVar[bool] = False
    barred_by_erasure: ClassVar[bool] = False
    kept_for_erasure: ClassVar[bool] = False
    withdraws: ClassVar[bool] = False
    leaves: ClassVar[Mapping[str, bool]] = {}
    changes_the_gate: ClassVar[bool] = False
    asked_by_support: ClassVar[bool] = False
    actions: ClassVar[tuple[str, ...]] = ("notify",)

    @property
    def collects(self) -> bool:
        """Whether an export comes of it."""
        return "collect" in self.actions

    def contradicts(self, other: "RegulationType") -> bool:
        """Whether what the one leaves undoes what the other left."""
        return any(other.leaves.get(flag, left) != left for flag, left in self.leaves.items())

    def check(self, subject: Subject, opening: bool) -> None:
        """Raise Conflict unless the person's state allows it. `opening`: what this displaces is open."""

    def at_once(self, subject: Subject, now: datetime) -> bool:
        """The immediate effect, in the transaction of the answer. True when it closed a gate that was open."""
        return False

    def begin(self, regulation: "Regulation", subject: Subject) -> None:
        """What happens in the transaction that makes it running."""

    def reopen(self, subject: Subject) -> None:
        """Undo the closing of the gate, when cancelled."""


def refuse_unless(holds: bool, code: str, detail: str) -> None:
    if not holds:
        raise Conflict(code, detail)


class ClosesTheGate(RegulationType):
    """What Suppress and Suppress and Delete do in the transaction of their answer."""

    displaces = "unsuppress"
    asked_by_support = True
    kept_for_erasure = True
    withdraws = True
    leaves = {"suppressed": True}
    changes_the_gate = True

    def at_once(self, subject: Subject, now: datetime) -> bool:
        closed = subject.suppress()
        # Every channel that the brand has or had: earlier consents do not come back when the gate opens again.
        channels = dict.fromkeys([*subject.brand.channel_names, *Preference.objects.granted(subject)])
        # A gate that closes again overtakes what was said while it was open: evidence from before lifts nothing (C3).
        changes = [
            Change(subject.pk, name, False, Source.REGULATION, received_at=now, anew=closed) for name in channels
        ]
        ledger.record(changes, sticky=True, held=[subject])
        return closed

    def reopen(self, subject: Subject) -> None:
        subject.unsuppress()
