"""Consent changed by anyone but an identify call: into the ledger and announced upstream, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from privacy_portal.audit.models import Actor
from privacy_portal.audit.models import record as audit
from privacy_portal.consent import ledger
from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Change, Proof
from privacy_portal.consent.models import Source
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate


@dataclass(frozen=True)
class Wish:
    """One channel as someone wants it; `wording` and its version are what the person was shown."""

    channel: str
    subscribed: bool
    proof: Proof | None = None
    wording: str = ""
    wording_version: str = ""


@dataclass(frozen=True)
class Recorded:
    """What each wish came to, in order, and the update that tells the upstream (None when nothing changed)."""

    verdicts: list[Verdict]
    update: IdentifyUpdate | None


def record_consent(subject: Subject, wishes: Sequence[Wish], source: Source, actor: Actor, at: datetime) -> Recorded:
    """Append and announce. Conflict `suppressed` when anything would be granted to a suppressed person: then nothing
    is recorded. A withdrawal of a suppressed or erased person is recorded, and announced while they can be named."""
    with transaction.atomic():
        subject = Subject.objects.locked(subject.pk)
        if subject.suppressed and any(wish.subscribed for wish in wishes):
            raise Conflict("suppressed", "This person is suppressed: nothing can be granted until that has ended.")
        changes = [Change(subject.pk, received_at=at, source=source, **vars(wish)) for wish in wishes]
        verdicts = ledger.record(changes, sticky=subject.brand.setting("sticky_withdrawal"), held=[subject])
        update = None
        if Verdict.TAKEN in verdicts:
            audit("consent.changed", actor, brand=subject.brand_id, subject=subject.pk, source=source.value)
            if subject.user_id is not None:
                update = IdentifyUpdate.objects.announce(subject, channels=True)
    return Recorded(verdicts, update)
