from django.apps import AppConfig


class BrandsConfig(AppConfig):
    name = "privacy_portal.brands"
    label = "brands"
    verbose_name = "Brands"
