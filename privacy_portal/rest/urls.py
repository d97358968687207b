"""What explains the API, beside the endpoints themselves."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from privacy_portal.rest import pages
from privacy_portal.rest.unknown import UnknownAddress

app_name = "rest"
urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", pages.reference, name="reference"),
    path("problems/", pages.problems, name="problems"),
    re_path("", UnknownAddress.as_view()),
]
