from django.apps import AppConfig


class SubjectsConfig(AppConfig):
    name = "privacy_portal.subjects"
    label = "subjects"
    verbose_name = "People"

    def ready(self) -> None:
        from privacy_portal.durable.registry import Chore, chores, forbidding
        from privacy_portal.subjects.freshness import freshness
        from privacy_portal.subjects.keeper import Keeper

        forbidding.append(freshness.forbids)
        chores.append(Chore("subjects.marks", 1, Keeper().keep))
