"""Access of 100,000 events: how far the memory of the process that builds the zip rises above idle.

Two fresh processes with a data folder of their own: one fills the store through the real writer, one builds. Idle is
what that one holds after it has built the export of a person about whom nothing is known.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

EVENTS = 100_000
ALLOWED_MIB = 50
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        environment = {**os.environ, "PORTAL_DATA_DIR": folder, "PORTAL_ENV_FILE": os.devnull}
        for part in ("fill", "build"):
            subprocess.run(
                [sys.executable, "-m", "benchmarks.bench_access_memory", part], cwd=ROOT, env=environment, check=True
            )


def fill() -> None:
    import msgspec
    from django.core.management import call_command

    from privacy_portal.audit.models import COMMAND
    from privacy_portal.brands.models import Brand
    from privacy_portal.tracking.access import TokenView
    from privacy_portal.tracking.reading import request_from
    from privacy_portal.tracking.store.row import BrandView
    from privacy_portal.tracking.store.write import write_group

    call_command("migrate", verbosity=0)
    brand, _ = Brand.objects.ensure("acme", "acme", "ACME", actor=COMMAND)
    token = TokenView(1, "server", "acme", "acme", brand.pk, 100, 500)
    view = BrandView(brand.pk, brand.path, frozenset(), tuple(brand.channel_names), True)
    calls = (request_from(msgspec.json.encode(_call(number)), "track", token, view, str) for number in range(EVENTS))
    while group := list(islice(calls, 1000)):
        write_group(group)


def build() -> None:
    from django.utils import timezone

    from privacy_portal.audit.models import COMMAND
    from privacy_portal.brands.models import Brand
    from regulations.exports.build import build as build_export
    from regulations.models import Export
    from regulations.request import Intake, request_regulation

    brand = Brand.objects.get()
    nobody, ann = (request_regulation(brand, "access", name, COMMAND, Intake()) for name in ("nobody", "ann"))
    build_export(nobody, timezone.now)
    idle = _peak_mib()
    started = time.perf_counter()
    counts = build_export(ann, timezone.now)
    seconds, rise = time.perf_counter() - started, _peak_mib() - idle
    size = Export.objects.get(regulation=ann).size
    assert counts["events"] == EVENTS
    print(f"access of {EVENTS:,} events: {rise:.1f} MiB above {idle:.1f} MiB idle (allowed {ALLOWED_MIB})")
    print(f"  built in {seconds:.1f} s, zip of {size / 2**20:.1f} MiB")
    if rise > ALLOWED_MIB:
        sys.exit("memory rose above what is allowed")


def _call(number: int) -> dict[str, object]:
    properties = {
        "sku": f"SKU-{number}",
        "price": 19.95,
        "quantity": number % 7,
        "category": "Shoes",
        "path": "/shoes/red",
    }
    context = {"ip": "192.0.2.1", "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "locale": "en-GB"}
    return {"userId": "ann", "event": "Product Viewed", "properties": properties, "context": context}


def _peak_mib() -> float:
    """The most memory this process has ever held, mapped pages of the database included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
        django.setup()
        {"fill": fill, "build": build}[sys.argv[1]]()
