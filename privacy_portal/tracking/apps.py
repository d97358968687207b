from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "privacy_portal.tracking"
    label = "tracking"
    verbose_name = "Events"

    def ready(self) -> None:
        from privacy_portal.durable.registry import Chore, chores
        from privacy_portal.tracking.store.expiry import Expiry
        from privacy_portal.tracking.store.partitions import tend

        chores.append(Chore("tracking.expire", 60, Expiry().turn))
        chores.append(Chore("tracking.partitions", 3600, tend))
