"""One message for each regulation that waits, oldest first: `python -m benchmarks.baseline_celery.send`."""

import django

django.setup()

from benchmarks.baseline_celery.tasks import carry_out  # noqa: E402
from regulations.models import Regulation  # noqa: E402

for pk in Regulation.objects.open().order_by("id").values_list("pk", flat=True):
    carry_out.delay(str(pk))
