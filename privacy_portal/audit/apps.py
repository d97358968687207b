from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "privacy_portal.audit"
    label = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from privacy_portal.audit.models import seal
        from privacy_portal.durable.registry import Chore, chores

        chores.append(Chore("audit.seal", 0.5, seal))
