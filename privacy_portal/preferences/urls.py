"""The addresses that stand in people's mail."""

from django.urls import path

from privacy_portal.preferences.views.page import PreferencePage
from privacy_portal.preferences.views.unsubscribe import Unsubscribe

app_name = "preferences"
urlpatterns = [
    path("p/<str:token>/", PreferencePage.as_view(), name="page"),
    path("u/<str:token>", Unsubscribe.as_view(), name="unsubscribe"),
]
