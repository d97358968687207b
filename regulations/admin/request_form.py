"""Asking for a regulation in the console: the same door as the API's, with each type explained."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from privacy_portal.brands.console.forms import BrandField, ConsoleForm, Explained
from privacy_portal.brands.console.roles import Member
from privacy_portal.brands.models import Brand
from privacy_portal.brands.rights import Right
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from regulations.models import Regulation
from regulations.request import FIRST_YEAR, LONGEST_REASON, Intake, request_regulation
from regulations.types import TYPES, RegulationType


def allowed_types(who: Member) -> list[RegulationType]:
    """Those that this member of staff may ask for (contract A2)."""
    return [kind for kind in TYPES.values() if kind.asked_by_support or who.may(Right.OPEN)]


class RequestForm(ConsoleForm):
    submit = "Ask for it"
    brand = BrandField(label="Brand")
    user_id = forms.CharField(
        label="userId", max_length=256, strip=False,
        help_text="Exactly as your systems send it, capitals and spaces included.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    type = forms.ChoiceField(label="What the person asked for", widget=forms.RadioSelect)
    received_at = forms.DateTimeField(
        label="Received", required=False,
        help_text="When you first heard of it, in the brand's time zone: the legal clock started then. Empty: now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In your own words, for your colleagues and auditors: name nobody here. Erased with the person.",
    )  # fmt: skip
    ticket_ref = forms.CharField(
        label="Ticket", required=False, max_length=200, help_text="Where the conversation is kept."
    )

    def __init__(self, who: Member, subject: Subject | None, *args: Any, **kwargs: Any) -> None:
        """`subject`: someone whose page this was reached from, so that nobody needs to type who they are."""
        super().__init__(*args, **kwargs)
        self.who, self.subject = who, subject
        self.fields["brand"].offer(who.brands)  # type: ignore[attr-defined]
        choices = [(kind.value, Explained(kind.label, kind.explanation)) for kind in allowed_types(who)]
        self.fields["type"].choices = choices  # type: ignore[attr-defined]
        if subject:
            del self.fields["brand"], self.fields["user_id"]

    @property
    def chosen_brand(self) -> Brand | None:
        return self.subject.brand if self.subject else self.cleaned_data.get("brand")

    def clean_user_id(self) -> str:
        value = str(self.cleaned_data["user_id"])
        if not value.strip():
            raise forms.ValidationError("userId must not be empty")
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        brand, received = self.chosen_brand, cleaned.get("received_at")
        if received and received.year < FIRST_YEAR:
            self.add_error("received_at", f"This lies before {FIRST_YEAR}: look at the year again.")
        elif brand and received:
            # A browser sends a local time without a zone: it is meant in the brand's.
            cleaned["received_at"] = received.replace(tzinfo=ZoneInfo(brand.setting("timezone")))
            if cleaned["received_at"] > timezone.now():
                self.add_error(
                    "received_at", "This lies in the future: a clock cannot start before you hear of a request."
                )
        return cleaned

    def ask(self) -> Regulation | None:
        """The regulation, or None with the broken rule in words beside its field."""
        said, brand = self.cleaned_data, self.chosen_brand
        user_id = self.subject.clear_user_id if self.subject else said["user_id"]
        intake = Intake(said["received_at"], said["reason"], said["ticket_ref"], intake="console")
        if brand is None or user_id is None:
            self.add_error("type", "This person was erased: type the userId they gave you instead.")
            return None
        try:
            return request_regulation(brand, said["type"], user_id, self.who.actor, intake)
        except Conflict as conflict:
            self.add_error("type", f"{conflict.detail} (rule: {conflict.code})")
            return None
