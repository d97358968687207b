"""A form made from the schema of a brand's settings: whatever is added there appears here, with its meaning.

It carries a hash of the text that each field showed, so that only what was edited on the page changes: what others set
while the page was open stays, and what both edited is refused.
"""

import json
from hashlib import sha256
from typing import Any

from django import forms
from django.db import transaction

from privacy_portal.audit.models import Actor
from privacy_portal.brands.console.forms import ConsoleForm
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS, BadBrandSetting, Setting

SWITCH = [("on", "on"), ("off", "off")]
LONG = {"controller", "periods", "source", "automated_decisions", "transfers", "contact", "authority"}
OVERTAKEN = "Changed by someone else since you opened this page. This is what it says now."


class SettingsForm(ConsoleForm):
    submit = "Save the settings"

    def __init__(self, brand: Brand, *args: Any, **kwargs: Any) -> None:
        self.brand = brand
        self.shown = texts(brand)
        super().__init__(*args, auto_id="setting_%s", **kwargs)
        carried = forms.CharField(required=False, widget=forms.HiddenInput(), initial=_hashes(self.shown))
        self.add_field("shown", carried)
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
        """Configure what was edited. Returns the names, or None with an error beside each field that breaks a rule."""
        with transaction.atomic():
            self.brand = Brand.objects.select_for_update().get(pk=self.brand.pk)
            changes = self._parsed(self._edited())
            try:
                if changes and not self.errors:
                    self.brand.configure(changes, actor)
            except BadBrandSetting as error:  # of settings that do not go together
                self.add_error(str(error).partition(" ")[0], f"{error}.")
        return None if self.errors else sorted(changes)

    def _edited(self) -> dict[str, str]:
        """The texts that were edited on the page, by name. One that someone else changed, too, gets an error instead.
        Shown again, the form says what is set now wherever it was not edited."""
        said = {name: self.cleaned_data[name].replace("\r\n", "\n") for name in SETTINGS}
        edited = {name: text for name, text in said.items() if text and SETTINGS[name].secret}
        now = texts(self.brand)
        showed = _read(self.cleaned_data["shown"] or _hashes(now))  # a script's, which was shown none, is about now
        data = {**dict(self.data.items()), "shown": _hashes(now)}
        for name, present in now.items():
            if said[name] == present:
                continue
            if _hash(present) == showed.get(name):
                edited[name] = said[name]
                continue
            data[name] = present
            if _hash(said[name]) != showed.get(name):
                self.add_error(name, f"{OVERTAKEN} You {f'wrote: {said[name]}' if said[name] else 'had emptied it.'}")
        self.data = data
        return edited

    def _parsed(self, edited: dict[str, str]) -> dict[str, Any]:
        parsed: dict[str, Any] = {}
        for name, text in edited.items():
            try:
                parsed[name] = "" if text == "-" and SETTINGS[name].secret else SETTINGS[name].parse(text)
            except BadBrandSetting as error:
                self.add_error(name, f"{error}.")
        return parsed


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize().replace(" url", " URL")


def texts(brand: Brand) -> dict[str, str]:
    """Every setting that may be shown, by name, as one would type it."""
    return {setting.name: as_text(setting, brand) for setting in SETTINGS.values() if not setting.secret}


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _hashes(shown: dict[str, str]) -> str:
    return json.dumps({name: _hash(text) for name, text in shown.items()}, separators=(",", ":"))


def _read(hashes: str) -> dict[str, str]:
    """What `_hashes` wrote; nothing when it was tampered with, and so every edit is refused."""
    try:
        found = json.loads(hashes)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def as_text(setting: Setting, brand: Brand) -> str:
    """With the line ends that a browser's text is compared by."""
    return setting.written(brand.setting(setting.name), roomy=True).replace("\r\n", "\n")
