import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from privacy_portal.durable.sweep import Sweep


class Command(BaseCommand):
    help = (
        "Ring for what is due every second, carry out what stays unclaimed for 10 s, seal the audit log and tidy up. "
        "`make up` runs one; a second one does no harm."
    )
    # All of them would load the console and the REST API, for as long as it runs.
    requires_system_checks = ["subject_key"]

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Sweep().run(stop)
