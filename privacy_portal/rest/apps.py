from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "privacy_portal.rest"
    label = "rest"
    verbose_name = "REST API"

    def ready(self) -> None:
        from privacy_portal.durable.registry import Chore, chores
        from privacy_portal.rest.models import IdempotencyKey

        chores.append(Chore("idempotency_keys.expire", 600, IdempotencyKey.objects.expire))
