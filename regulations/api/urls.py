"""The addresses below /api/v1/ of regulations and people."""

from django.urls import path

from regulations.api.consents import ConsentHistory, Consents
from regulations.api.export import ExportView
from regulations.api.preference_link import PreferenceLinkView
from regulations.api.regulations import CancelRegulation, OneRegulation, RegulationList, RetryRegulation
from regulations.api.subjects import LookUpSubject, MakeSubject, OneSubject

urlpatterns = [
    path("regulations/", RegulationList.as_view()),
    path("regulations/<uuid:id>/", OneRegulation.as_view(), name="api-regulation"),
    path("regulations/<uuid:id>/cancel/", CancelRegulation.as_view()),
    path("regulations/<uuid:id>/retry/", RetryRegulation.as_view()),
    path("regulations/<uuid:id>/export/", ExportView.as_view()),
    path("subjects/", MakeSubject.as_view()),
    path("subjects/lookup/", LookUpSubject.as_view()),
    path("subjects/<uuid:id>/", OneSubject.as_view(), name="api-subject"),
    path("subjects/<uuid:id>/consents/", Consents.as_view()),
    path("subjects/<uuid:id>/consents/history/", ConsentHistory.as_view()),
    path("subjects/<uuid:id>/preference-link/", PreferenceLinkView.as_view()),
]
