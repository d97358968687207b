"""What the site's process is for is not loaded into the web process as well: 17 MB, and a quarter of its start."""

import json
from pathlib import Path

from tests.portal import Portal

LOADED = """
import json, sys

import privacy_portal.asgi
print(json.dumps(sorted(sys.modules)))
"""
SITE_ONLY = {"rest_framework.serializers", "django.contrib.postgres.fields"}
OF_OTHER_SERVERS = {"psycopg", "redis"}


def test_the_embedded_web_process_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    done = Portal(tmp_path).python("-c", LOADED)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert "privacy_portal.tracking.door" in loaded
    assert not loaded & (SITE_ONLY | OF_OTHER_SERVERS)
