from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.baseline_drf.events.models import Event, Suppressed, Token


class EventSerializer(serializers.ModelSerializer[Event]):
    user_id = serializers.CharField(max_length=256)
    properties = serializers.DictField(required=False)
    context = serializers.DictField(required=False)

    class Meta:
        model = Event
        fields = ("user_id", "event", "properties", "context", "timestamp")


class Track(APIView):
    def post(self, request: Request, *args: Any) -> Response:
        if not Token.objects.filter(secret=request.headers.get("auth-token", "")).exists():
            return Response({"success": False}, status=403)
        serializer = EventSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if Suppressed.objects.filter(user_id=serializer.validated_data["user_id"]).exists():
            return Response({"success": True})
        event = serializer.save()
        return Response({"success": True, "eventId": str(event.event_id)})
