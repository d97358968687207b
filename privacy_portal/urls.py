"""Every address Django answers, each from the app that owns it. The tracking API stands beside Django (asgi.py)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from privacy_portal.tracking.api import EventStatusView
from privacy_portal.tracking.tag import tag

admin.autodiscover()  # here, so that a process that answers no pages need not load them
api: list[URLPattern | URLResolver] = [
    path("", include("regulations.api.urls")),
    path("", include("privacy_portal.upstream.api")),
    path("events/<uuid:event_id>/", EventStatusView.as_view()),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("api/", include("privacy_portal.rest.urls")),
    path("tag/1/tag.js", tag),
    path("", include("privacy_portal.preferences.urls")),
]
handler400 = "privacy_portal.processes.dead_ends.bad_request"
handler403 = "privacy_portal.processes.dead_ends.permission_denied"
handler404 = "privacy_portal.processes.dead_ends.page_not_found"
handler500 = "privacy_portal.processes.away.server_error"
