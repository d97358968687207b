from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    name = "privacy_portal.console"
    label = "console"
    verbose_name = "Console"
    default = True


class ConsoleAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin with the console's site in place of its own. Its pages are found where they are served."""

    default = False
    default_site = "privacy_portal.console.site.ConsoleSite"
