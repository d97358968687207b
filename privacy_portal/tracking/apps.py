from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "privacy_portal.tracking"
    label = "tracking"
    verbose_name = "Events"

    def ready(self) -> None:
        from privacy_portal.durable.registry import Chore, chores
        from privacy_portal.tracking.store.expiry import Expiry

        chores.append(Chore("tracking.expire", 60, Expiry().turn))
