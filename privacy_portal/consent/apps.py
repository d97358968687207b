from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "privacy_portal.consent"
    label = "consent"
    verbose_name = "Consent"
