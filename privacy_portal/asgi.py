"""The web process: the tracking API and the probes, and a child that answers everything else."""

import os
import signal
from importlib import import_module

import django

from privacy_portal import garbage, tether, turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
# A server whose main process was killed must not leave this one serving on its port.
tether.bind_marked()
turns.take_long_ones()
# Until the server has handlers of its own here, its main process's would note a signal for nobody.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)

django.setup(set_prefix=False)
# Imported only now: it has models, so Django must be set up.
application = import_module("privacy_portal.processes.routing").Routing()
garbage.keep_what_is_there()
