from django.apps import AppConfig


class DurableConfig(AppConfig):
    name = "privacy_portal.durable"
    label = "durable"
