from importlib import import_module

from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "privacy_portal.processes"
    label = "processes"

    def ready(self) -> None:
        # Whoever rings the bell needs the Celery app, not the workers alone.
        import_module("privacy_portal.celery")
        import_module("privacy_portal.processes.subject_key")
