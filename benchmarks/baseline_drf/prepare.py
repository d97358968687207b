"""Makes the baseline's tables and its token: `python -m benchmarks.baseline_drf.prepare TOKEN`."""

import os
import sys

import django


def main(token: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.baseline_drf.settings"
    django.setup()
    from django.db import connection

    from benchmarks.baseline_drf.events.models import Event, Suppressed, Token

    with connection.schema_editor() as editor:
        for model in (Token, Suppressed, Event):
            editor.create_model(model)
    Token.objects.create(secret=token)


main(sys.argv[1])
