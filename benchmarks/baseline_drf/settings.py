"""Durable like the product's store: WAL, a sync at each commit; persistent connections."""

import os
from pathlib import Path

import dj_database_url

DATA_DIR = Path(os.environ["BASELINE_DATA_DIR"])
SECRET_KEY = "of a benchmark"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.baseline_drf.urls"
INSTALLED_APPS = ["benchmarks.baseline_drf.events", "rest_framework"]
MIDDLEWARE: list[str] = []
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "baseline.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=1073741824;",
    },
}
URL = os.environ.get("BASELINE_DATABASE_URL", "")
DATABASES = {"default": dj_database_url.parse(URL, conn_max_age=None) if URL else SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
