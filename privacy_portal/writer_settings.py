"""Settings of the writer's process: those of the portal, with no more apps than storing an event takes."""

from privacy_portal.settings import *  # noqa: F403

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "privacy_portal.durable",
    "privacy_portal.audit",
    "privacy_portal.brands",
    "privacy_portal.subjects",
    "privacy_portal.consent",
    "privacy_portal.tracking",
    "privacy_portal.upstream.apps.UpstreamInWriter",
]
