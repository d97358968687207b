from django.apps import AppConfig


class DurableConfig(AppConfig):
    name = "privacy_portal.durable"
    label = "durable"

    def ready(self) -> None:
        from privacy_portal.durable.registry import Chore, chores
        from privacy_portal.sqlite.wipe import wipe

        chores.append(Chore("sqlite.wipe", 600, wipe))
