"""Every address Django answers, each from the app that owns it. The tracking API stands beside Django (asgi.py)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("privacy_portal.preferences.urls")),
]
