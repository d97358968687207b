"""WSGI: under granian the faster of the two for a view that blocks."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.baseline_drf.settings"
application = get_wsgi_application()
