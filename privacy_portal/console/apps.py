from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "privacy_portal.console"
    label = "console"
    verbose_name = "Console"
