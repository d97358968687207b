"""The addresses that stand in people's mail."""

from django.urls import path, re_path

from privacy_portal.preferences.views.no_link import no_link
from privacy_portal.preferences.views.page import PreferencePage
from privacy_portal.preferences.views.unsubscribe import Unsubscribe

app_name = "preferences"
urlpatterns = [
    path("p/<str:token>/", PreferencePage.as_view(), name="page"),
    path("u/<str:token>", Unsubscribe.as_view(), name="unsubscribe"),
    path("u/<str:token>/", Unsubscribe.as_view()),
    # Cut off before its token, or with something behind it. `p/{token}` is left to the redirect that adds its slash.
    re_path("^[pu](?:/|/.*/.*)?$", no_link),
]
