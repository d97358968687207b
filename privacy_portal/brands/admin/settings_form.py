"""A form made from the schema of a brand's settings: whatever is added there appears here, with its meaning."""

from typing import Any

from django import forms

from privacy_portal.audit.models import Actor
from privacy_portal.brands.console.forms import ConsoleForm
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS, BadBrandSetting, Setting

SWITCH = [("on", "on"), ("off", "off")]
LONG = {"controller", "periods", "source", "automated_decisions", "transfers", "contact", "authority"}


class SettingsForm(ConsoleForm):
    submit = "Save the settings"

    def __init__(self, brand: Brand, *args: Any, **kwargs: Any) -> None:
        self.brand = brand
        self.shown = {setting.name: as_text(setting, brand) for setting in SETTINGS.values() if not setting.secret}
        super().__init__(*args, auto_id="setting_%s", **kwargs)
        for setting in SETTINGS.values():
            self.add_field(setting.name, self._field(setting))

    def _field(self, setting: Setting) -> forms.Field:
        label, meaning = _label(setting.name), setting.meaning
        if setting.secret:
            held = " One is set; leave this empty to keep it, or write - to remove it." if self.is_set(setting) else ""
            hidden = forms.PasswordInput(attrs={"autocomplete": "off"})
            return forms.CharField(label=label, help_text=meaning + "." + held, required=False, widget=hidden)
        if isinstance(setting.default, bool):
            return forms.ChoiceField(label=label, help_text=meaning, choices=SWITCH, initial=self.shown[setting.name])
        rows = 8 if self.shown[setting.name].startswith("[") else 2
        is_long = setting.name in LONG or isinstance(setting.default, list)
        widget = forms.Textarea(attrs={"rows": rows}) if is_long else forms.TextInput()
        return forms.CharField(
            label=label, help_text=meaning, required=False, widget=widget, initial=self.shown[setting.name], strip=False
        )

    def is_set(self, setting: Setting) -> bool:
        return bool(self.brand.setting(setting.name))

    def store(self, actor: Actor) -> list[str] | None:
        """Configure what was changed. Returns the names, or None with an error beside each field that breaks a rule."""
        changes: dict[str, Any] = {}
        for name, text in list(self.cleaned_data.items()):
            try:
                if self._is_changed(name, text):
                    changes[name] = "" if text == "-" and SETTINGS[name].secret else SETTINGS[name].parse(text)
            except BadBrandSetting as error:
                self.add_error(name, f"{error}.")
        if self.errors:
            return None
        try:
            if changes:
                self.brand.configure(changes, actor)
        except BadBrandSetting as error:  # of settings that do not go together
            self.add_error(str(error).partition(" ")[0], f"{error}.")
            return None
        return sorted(changes)

    def _is_changed(self, name: str, text: str) -> bool:
        if SETTINGS[name].secret:
            return bool(text)
        return text.replace("\r\n", "\n") != self.shown[name]


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize().replace(" url", " URL")


def as_text(setting: Setting, brand: Brand) -> str:
    """With the line ends that a browser's text is compared by."""
    return setting.written(brand.setting(setting.name), roomy=True).replace("\r\n", "\n")
