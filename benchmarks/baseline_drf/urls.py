from django.urls import path

from benchmarks.baseline_drf.events.views import Track

urlpatterns = [path("track", Track.as_view())]
