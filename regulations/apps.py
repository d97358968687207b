from datetime import timedelta

from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "regulations"
    verbose_name = "Regulations"

    def ready(self) -> None:
        from privacy_portal.durable.jobs import JobKind
        from privacy_portal.durable.registry import Chore, chores, kinds
        from privacy_portal.subjects import marks
        from regulations.engine import Progress, perform
        from regulations.exports.expiry import discard_unknown, expire
        from regulations.models import Step
        from regulations.replay import erasures_owed

        marks.erasures_owed.append(erasures_owed)
        kinds.append(Progress())
        kinds.append(JobKind("step", Step, perform, Step.give_up, patience=timedelta(hours=24)))
        chores.append(Chore("exports.expire", 60, expire))
        chores.append(Chore("exports.discard_unknown", 3600, discard_unknown))
