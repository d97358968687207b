from django.apps import AppConfig


class SubjectsConfig(AppConfig):
    name = "privacy_portal.subjects"
    label = "subjects"
    verbose_name = "People"
