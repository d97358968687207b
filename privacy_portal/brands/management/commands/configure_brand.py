from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError, CommandParser

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.encryption import Undecryptable
from privacy_portal.brands.management.reading import brand_at, line_from_stdin
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS, BadBrandSetting, Setting
from privacy_portal.teaching import TeachingCommand


class Command(TeachingCommand):
    help = (
        "Show or change the settings of a brand. Without a key=value pair it prints every setting with its value and "
        "meaning. With pairs it stores all of them or, when one is refused, none. They hold in every process within "
        "a second. Lists are separated by commas, or written as JSON; key=- reads a secret from standard input."
    )
    examples = (
        "  manage.py configure_brand acme/acme/ACME\n"
        "  manage.py configure_brand acme/acme/ACME timezone=Europe/Berlin channels=email,sms\n"
        "  manage.py configure_brand acme/acme/ACME 'purposes=Orders, Newsletters' contact=privacy@acme.example\n"
        "  manage.py configure_brand acme/acme/ACME upstream_token=- < token.txt"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="CLIENT/ACCOUNT/BRAND")
        parser.add_argument(
            "pairs", metavar="key=value", nargs="*", help="key= alone empties a text, a list or a number"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        brand = brand_at(options["path"])
        if not options["pairs"]:
            return self.stdout.write("\n".join(shown(brand)))
        try:
            changes = changes_of(options["pairs"])
            brand.configure(changes, COMMAND)
        except BadBrandSetting as refusal:
            raise CommandError(f"{refusal}; nothing was stored.") from None
        self.stdout.write(f"Stored for {brand}: {', '.join(changes)}.")
        return None


def changes_of(pairs: Iterable[str]) -> dict[str, Any]:
    """Checked values by name. BadBrandSetting names the setting and the rule."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise BadBrandSetting(f"{name} must be followed by = and a value")
        if name not in SETTINGS:
            raise BadBrandSetting(f"{name} is not a setting; the settings are {', '.join(SETTINGS)}")
        if name in changes:
            raise BadBrandSetting(f"{name} must be given once")
        changes[name] = SETTINGS[name].parse(_secret(name, text) if SETTINGS[name].secret else text)
    return changes


def _secret(name: str, text: str) -> str:
    """What stands on a command line is seen by every user of the machine and kept in the shell's history."""
    if text == "-":
        return line_from_stdin(name)
    if text:
        raise BadBrandSetting(f"{name} is a secret: give it on standard input, with {name}=-")
    return ""


def shown(brand: Brand) -> Iterable[str]:
    """Each setting as it would be typed, and below it what it means."""
    for setting in SETTINGS.values():
        yield f"{setting.name}={written(setting, brand)}"
        yield f"    {setting.meaning}"


def written(setting: Setting, brand: Brand) -> str:
    try:
        value = brand.setting(setting.name)
    except Undecryptable:
        return "(set, and no key of PORTAL_ENCRYPTION_KEYS opens it)"
    if setting.secret:
        return "(set)" if value else "(not set)"
    return setting.written(value)
