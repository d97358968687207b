"""The web process: the tracking API, the probes, and Django for everything else."""

import os
import warnings
from importlib import import_module

from django.core.asgi import get_asgi_application

from privacy_portal import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
# A server whose main process was killed must not leave this one serving on its port.
tether.bind_marked()

# Static files are read in one piece, which is what they are small enough for.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

_django = get_asgi_application()
# Imported only now: it has models, so Django must be set up.
application = import_module("privacy_portal.processes.routing").Routing(_django)
