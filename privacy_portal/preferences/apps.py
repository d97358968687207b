from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    name = "privacy_portal.preferences"
    label = "preferences"
    verbose_name = "Preference centre"
