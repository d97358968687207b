from datetime import timedelta

from django.apps import AppConfig


class UpstreamInWriter(AppConfig):
    """For the writer's process, which sends nothing and need not load what sending takes."""

    name = "privacy_portal.upstream"
    label = "upstream"
    verbose_name = "Upstream"

    def ready(self) -> None:
        from privacy_portal.tracking.homecoming import recognise_with
        from privacy_portal.upstream.models import IdentifyUpdate

        recognise_with(IdentifyUpdate.recognise)


class UpstreamConfig(UpstreamInWriter):
    default = True

    def ready(self) -> None:
        super().ready()
        from privacy_portal.durable.registry import kinds
        from privacy_portal.tracking.models import Forwarding
        from privacy_portal.upstream.deliver import UpdateKind
        from privacy_portal.upstream.forward import ForwardingKind, forward
        from privacy_portal.upstream.models import IdentifyUpdate
        from privacy_portal.upstream.models.identify_update import PATIENCE

        kinds.append(UpdateKind("identify_update", IdentifyUpdate, IdentifyUpdate.give_up, PATIENCE))
        kinds.append(ForwardingKind("forwarding", Forwarding, Forwarding.give_up, timedelta.max, forward))
