"""Every setting of a brand: its default, its meaning, and the rule a value must meet.

`configure_brand`, the console's form and docs/brand-settings.md all read this one list.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from privacy_portal.environment import HOST_NAME

BASES = ("consent", "soft_opt_in", "service")
RETENTION_DAYS = range(1, 3651)
_IMPLIED = {"http": "80", "https": "443"}
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?:{HOST_NAME}|\[[0-9a-f:]+\])(?::(?P<port>[1-9][0-9]{{0,4}}))?")


class BadBrandSetting(ValueError):
    """A value that breaks its setting's rule; the message is "<setting> <rule>"."""


@dataclass(frozen=True)
class Setting:
    name: str
    default: Any
    meaning: str
    check: Callable[[Any], Any]
    secret: bool = False

    def parse(self, text: str) -> Any:
        """The value written on a command line: lists by commas or as JSON, words for the rest."""
        is_json = isinstance(self.default, list) and text.lstrip()[:1] in ("[", "{")
        try:
            value = json.loads(text) if is_json else text
        except (ValueError, RecursionError):
            raise BadBrandSetting(f"{self.name} must be valid JSON") from None
        return self.checked(value)

    def written(self, value: Any, *, roomy: bool = False) -> str:
        """A value as `parse` reads it: for a command line, or with room around its parts for a field of a form."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, list):
            if all(isinstance(item, str) for item in value):
                text = (", " if roomy else ",").join(value)
                if text[:1] not in ("[", "{") and self.parse(text) == value:
                    return text
            return json.dumps(value, ensure_ascii=False, indent=1 if roomy else None)
        return str(value)

    def checked(self, value: Any) -> Any:
        try:
            return self.check(value)
        except (TypeError, ValueError) as error:
            raise BadBrandSetting(f"{self.name} {error}") from None


def _words(value: Any) -> list[str]:
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError("must be a list of words, separated by commas")
    return [_text(item) for item in items if item]


def _channels(value: Any) -> list[dict[str, str]]:
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        known = {channel["name"]: channel for channel in DEFAULT_CHANNELS}
        value = [known.get(n, {"name": n, "label": n.capitalize(), "meaning": ""}) for n in _words(value)]
    if not isinstance(value, list) or not value:
        raise ValueError("must list at least one channel")
    channels = [_channel(item) for item in value]
    if len({channel["name"] for channel in channels}) != len(channels):
        raise ValueError("must not name a channel twice")
    return channels


def _channel(item: Any) -> dict[str, str]:
    if not isinstance(item, dict) or not all(isinstance(text, str) for text in item.values()):
        raise ValueError("must hold objects with name, label, meaning and basis, all words")
    name = item.get("name", "")
    if not name or len(name) > 32 or not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
        raise ValueError("must name each channel in 1–32 letters, digits, - or _")
    basis = item.get("basis", "consent")
    if basis not in BASES:
        raise ValueError(f"must give each channel a basis of {', '.join(BASES)}")
    if unknown := set(item) - {"name", "label", "meaning", "basis"}:
        raise ValueError(f"has an unknown member {sorted(unknown)[0]}")
    return {
        "name": name,
        "label": _text(item.get("label") or name.capitalize()),
        "meaning": _text(item.get("meaning", "")),
        "basis": basis,
    }


def _timezone(value: Any) -> str:
    if not isinstance(value, str) or value not in available_timezones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return str(value)


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return check


def _address(value: Any) -> str:
    """An http(s) address without user and password, or nothing."""
    text = _text(value).strip()
    if text and not _leads_to_a_server(text):
        raise ValueError("must be an http:// or https:// address without user and password")
    return text


def _leads_to_a_server(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(
            parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:  # brackets that hold no address; a port that is no number, or none there is
        return False


def _origins(value: Any) -> list[str]:
    """Origins as a browser writes them, so that comparing them is comparing text."""
    origins = _words(value)
    for origin in origins:
        parts = _ORIGIN.fullmatch(origin)
        if not parts or parts["port"] == _IMPLIED[parts["scheme"]] or int(parts["port"] or 1) not in range(1, 65536):
            raise ValueError(
                "must list origins as browsers write them: scheme://host[:port] with http or https, in lower case, "
                "without path, default port or *"
            )
    return list(dict.fromkeys(origins))


def _status_address(value: Any) -> str:
    text = _address(value)
    if text and "{eventId}" not in text:
        raise ValueError("must contain {eventId} where the event's id goes")
    return text


def _switch(value: Any) -> bool:
    words = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ValueError("must be on or off")
    return words[str(value).lower()]


def _text(value: Any) -> str:
    """Text that every database can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str) or "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("must be text")
    return value


def _days(value: Any) -> int | None:
    """None, as of an empty text: without an end."""
    if value is None or value == "":
        return None
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    days = int(value) if is_whole or (isinstance(value, str) and re.fullmatch("[0-9]{1,4}", value.strip())) else 0
    if days not in RETENTION_DAYS:
        raise ValueError(
            f"must be a whole number of days from {RETENTION_DAYS[0]} to {RETENTION_DAYS[-1]}, or empty: without an end"
        )
    return days


def _token(value: Any) -> str:
    """What can stand in an HTTP header."""
    text = _text(value).strip()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be printable ASCII without spaces")
    return text


DEFAULT_CHANNELS: list[dict[str, str]] = [
    {"name": "email", "label": "Email", "meaning": "News and offers by email", "basis": "consent"},
    {"name": "sms", "label": "Text messages", "meaning": "News and offers by text message", "basis": "consent"},
    {"name": "whatsapp", "label": "WhatsApp", "meaning": "News and offers on WhatsApp", "basis": "consent"},
    {"name": "facebook", "label": "Facebook", "meaning": "Our advertising to you on Facebook", "basis": "consent"},
    {"name": "push", "label": "App notifications", "meaning": "News and offers as notifications", "basis": "consent"},
]

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("channels", DEFAULT_CHANNELS, "Marketing channels a person can choose: names, or a JSON list of objects"
                " with name, label, meaning and basis (consent, soft_opt_in, service)", _channels),
        Setting("commands", [], "Track events that are commands (they trigger sends) and pass a no-track gate", _words),
        Setting("timezone", "UTC", "Where the controller is; legal deadlines end at midnight there", _timezone),
        Setting("deadline_rule", "gdpr", "Which law's clock: gdpr (one month) or ccpa (45 days)",
                _one_of("gdpr", "ccpa")),
        Setting("allowed_origins", [], "Web pages, by origin, that may send events with this brand's JS-tag tokens",
                _origins),
        Setting("upstream_url", "", "Where identify updates are POSTed; empty: to this portal itself", _address),
        Setting("upstream_token", "", "The auth-token sent to the upstream; kept encrypted, never shown", _token,
                secret=True),
        Setting("upstream_status_url", "", "Where an update's status is asked, with {eventId} in it; empty: not asked",
                _status_address),
        Setting("forwarding", False, "on: each event that is stored is sent on to the upstream, which must be another"
                " than this portal", _switch),
        Setting("retention_days", None, "How many days after its receipt an event is deleted, 1 to 3650; empty: it is"
                " kept until the person is erased. Consent, requests and the audit log stay", _days),
        Setting("sticky_withdrawal", True, "on: a withdrawal by the person is lifted only by the person", _switch),
        Setting("contact", "", "How a person reaches you about privacy: shown on pages and in exports", _text),
        Setting("controller", "", "Who is responsible for the data: name and postal address", _text),
        Setting("purposes", [], "What the data is used for (GDPR Art. 15(1)(a))", _words),
        Setting("categories", [], "Categories of personal data held (Art. 15(1)(b))", _words),
        Setting("recipients", [], "Who receives the data (Art. 15(1)(c))", _words),
        Setting("periods", "", "How long data is kept, or how that is decided (Art. 15(1)(d))", _text),
        Setting("authority", "", "The supervisory authority a person may complain to (Art. 15(1)(f))", _text),
        Setting("source", "", "Where the data comes from when not from the person (Art. 15(1)(g))", _text),
        Setting("automated_decisions", "", "Automated decisions and their logic, if any (Art. 15(1)(h))", _text),
        Setting("transfers", "", "Transfers to third countries and their safeguards (Art. 15(2))", _text),
    )
}  # fmt: skip
