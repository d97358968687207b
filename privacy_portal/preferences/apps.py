from importlib import import_module

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    name = "privacy_portal.preferences"
    label = "preferences"
    verbose_name = "Preference centre"

    def ready(self) -> None:
        import_module("privacy_portal.preferences.checks")
