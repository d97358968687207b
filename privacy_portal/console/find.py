"""Find a person by userId, or anything by its id. By POST alone: what is typed never stands in an address."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from privacy_portal.audit.models import record
from privacy_portal.brands.console.forms import BrandField, ConsoleForm
from privacy_portal.brands.console.page import page_url
from privacy_portal.brands.console.roles import Member, member
from privacy_portal.console.site import render
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.api.finding import by_user_id
from regulations.models import Regulation


class PersonForm(ConsoleForm):
    submit = "Find the person"
    brand = BrandField(label="Brand", help_text="A person is known under one brand at a time.")
    user_id = forms.CharField(
        label="userId",
        strip=False,
        max_length=256,
        help_text="Exactly as your systems send it. It is turned into a keyed hash to search, and is never put into an "
        "address.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class IdForm(ConsoleForm):
    submit = "Find it"
    id = forms.UUIDField(
        label="Id",
        help_text="The id of a regulation, person or identify update, or an eventId.",
        error_messages={"invalid": "An id looks like 0198c1f2-7a3b-7c4d-8e5f-6a7b8c9d0e1f."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def find(request: HttpRequest) -> HttpResponse:
    who = member(request)
    by_id = request.method == "POST" and "id" in request.POST
    person = PersonForm(
        request.POST if request.method == "POST" and not by_id else None, prefix=None, auto_id="person_%s"
    )
    thing = IdForm(request.POST if by_id else None, auto_id="thing_%s")
    person.fields["brand"].offer(who.brands)  # type: ignore[attr-defined]
    chosen: PersonForm | IdForm = thing if by_id else person
    if chosen.is_bound and chosen.is_valid():
        url = _by_id(who, chosen.cleaned_data["id"]) if by_id else _by_user_id(who, person)
        if url:
            return HttpResponseRedirect(url)
        _say_unknown(chosen)
    status = 422 if chosen.errors else 200
    return render(request, "console/find.html", {"title": "Find a person", "person": person, "thing": thing}, status)


def _by_user_id(who: Member, form: PersonForm) -> str | None:
    subject = by_user_id(form.cleaned_data["brand"], form.cleaned_data["user_id"])
    if subject is None:
        return None
    record("subject.looked_up", who.actor, brand=subject.brand_id, subject=subject.pk, by="user_id")
    return page_url(subject)


def _by_id(who: Member, wanted: UUID) -> str | None:
    brands = who.brand_ids()
    for model, column in ((Regulation, "pk"), (Subject, "pk"), (IdentifyUpdate, "pk"), (Event, "event_id")):
        found = model._default_manager.filter(**{column: wanted}, brand_id__in=brands).first()
        if found:
            return page_url(found)
    return None


def _say_unknown(form: PersonForm | IdForm) -> None:
    if isinstance(form, IdForm):
        form.add_error("id", "Nothing has this id under the brands that you serve.")
    else:
        form.add_error(
            "user_id",
            "Nobody is known by this userId under this brand: no event, no request, no consent, no link to a device.",
        )
