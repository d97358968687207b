"""The base of the console's forms: labelled fields, help below the label, errors in words beside their field."""

from typing import Any

from django import forms


class Explained(str):
    """A choice's label with a sentence about it, shown below it."""

    explanation: str

    def __new__(cls, label: str, explanation: str = "") -> "Explained":
        made = super().__new__(cls, label)
        made.explanation = explanation
        return made


class ConsoleForm(forms.Form):
    """`submit`: what the button says. Rendered by templates/console/form.html."""

    required_css_class = "required"
    submit = "Save"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, field in list(self.fields.items()):
            self.add_field(name, field)

    def add_field(self, name: str, field: forms.Field) -> None:
        """Take a field in, looking like the others."""
        if getattr(field.widget, "input_type", "") not in ("radio", "checkbox", "hidden"):
            field.widget.attrs.setdefault("class", "input")
        self.fields[name] = field


class BrandField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        from privacy_portal.brands.models import Brand

        super().__init__(Brand.objects.none(), empty_label="Choose a brand", **kwargs)

    def offer(self, brands: Any) -> None:
        """Only these; one alone is chosen already."""
        self.queryset = brands
        if len(brands[:2]) == 1:
            self.initial, self.empty_label = brands[0], None
