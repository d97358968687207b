from datetime import timedelta

from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "regulations"
    verbose_name = "Regulations"

    def ready(self) -> None:
        from privacy_portal.durable.jobs import OneByOne
        from privacy_portal.durable.registry import Chore, chores, kinds
        from privacy_portal.subjects import marks
        from privacy_portal.upstream.models import identify_update
        from regulations.engine import (
            Progress,
            conclude_after,
            conclude_left,
            perform,
            update_sent_again,
            updates_ended,
        )
        from regulations.exports.expiry import discard_unknown, expire
        from regulations.models import Step
        from regulations.replay import erasures_owed

        marks.erasures_owed.append(erasures_owed)
        kinds.append(Progress())
        kinds.append(OneByOne("step", Step, Step.give_up, timedelta(hours=24), perform, after=conclude_after))
        identify_update.ended.append(updates_ended)
        identify_update.sent_again.append(update_sent_again)
        chores.append(Chore("regulations.conclude", 5, conclude_left))
        chores.append(Chore("exports.expire", 60, expire))
        chores.append(Chore("exports.discard_unknown", 3600, discard_unknown))
