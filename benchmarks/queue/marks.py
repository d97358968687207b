"""The marks of those who are kept out, as a portal that has been running holds them on file: of 100,000 waiting people
it would else write those first. `python -m benchmarks.queue.marks`, in the environment of the portal."""

import django

django.setup()

from privacy_portal.subjects import journal  # noqa: E402

journal.begin()
