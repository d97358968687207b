"""Recording what a person told staff about one channel: their word, with how and when they gave it."""

from typing import Any

from django import forms
from django.utils import timezone

from privacy_portal.brands.console.forms import ConsoleForm
from privacy_portal.brands.models import Brand
from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Proof
from privacy_portal.preferences.record import Wish

SAID = {
    Verdict.TAKEN: "Recorded. It holds from now on, and the upstream is being told.",
    Verdict.REPEAT: "Nothing to change: that is what the ledger says already.",
    Verdict.CLAIMED: "Recorded as claimed, without effect: the person's own withdrawal stands until they act "
    "themselves, or until you can show evidence collected after it.",
    Verdict.RECORDED: "Recorded as history: something later holds.",
}


class ConsentForm(ConsoleForm):
    submit = "Record it"
    channel = forms.ChoiceField(label="Channel")
    wanted = forms.ChoiceField(
        label="The person",
        choices=[("no", "does not want it any more"), ("yes", "wants it")],
        widget=forms.RadioSelect,
        initial="no",
    )
    how = forms.CharField(
        label="How they told you",
        required=False,
        max_length=200,
        help_text="For a “wants it”: a call, a letter, a signed form. Erased with the person.",
    )
    wording = forms.CharField(
        label="What they agreed to, word for word",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For a “wants it”.",
    )

    def __init__(self, brand: Brand, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="consent_%s", **kwargs)
        choices = [(channel["name"], channel["label"]) for channel in brand.channels]
        self.fields["channel"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("wanted") == "yes":
            for name in ("how", "wording"):
                if not cleaned.get(name):
                    self.add_error(name, "Say this: a grant needs evidence.")
        return cleaned

    def wish(self) -> Wish:
        said, yes = self.cleaned_data, self.cleaned_data["wanted"] == "yes"
        proof = Proof(timezone.now(), said["how"], said["wording"]) if yes else None
        return Wish(said["channel"], yes, proof)


def said_of(verdict: Verdict) -> str:
    return SAID[verdict]
