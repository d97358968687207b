"""The web process: the tracking API, the probes, and Django for everything else."""

import gc
import os
import warnings
from importlib import import_module

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

from privacy_portal import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
# A server whose main process was killed must not leave this one serving on its port.
tether.bind_marked()

# Static files are read in one piece, which is what they are small enough for.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


class InOneThread(ASGIHandler):
    """Middleware and view in one go in the request's thread: they are all synchronous, and Django's own handler changes
    threads some twenty times on the way through them."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


django.setup(set_prefix=False)
# Imported only now: it has models, so Django must be set up.
application = import_module("privacy_portal.processes.routing").Routing(InOneThread())
# What is there now stays for the life of the process, and so many objects take the collector long: it need not look at
# them again, nor at each seven hundred that a request makes and drops.
gc.collect()
gc.freeze()
gc.set_threshold(20_000)
