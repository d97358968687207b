from typing import Any

from privacy_portal.consent.ledger import rebuild
from privacy_portal.subjects.models import Subject
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Make every person's current preferences anew from the ledger alone, person by person, beside a running "
        "portal. Prints how many people there were and how many differed; none should."
    )
    examples = "  manage.py rebuild_preferences"

    def handle(self, *args: Any, **options: Any) -> None:
        differing = people = 0
        for subject in Subject.objects.order_by("pk").iterator(chunk_size=500):
            people += 1
            differing += rebuild(subject)
        self.stdout.write(f"{people} people, {differing} differed.")
