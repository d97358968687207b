"""A brand: the scope of everything. Its settings are kept as a dictionary that `schema.py` describes."""

import re
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands.elsewhere import leads_elsewhere
from privacy_portal.brands.encryption import decrypt, encrypt
from privacy_portal.brands.schema import SETTINGS, BadBrandSetting

LOWER = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
UPPER = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,62}")


class BrandQuerySet(models.QuerySet["Brand"]):
    def at(self, path: str) -> "BrandQuerySet":
        """The brand of "client/account/BRAND", matched exactly."""
        client, _, rest = path.partition("/")
        account, _, code = rest.partition("/")
        return self.filter(client=client, account=account, code=code)

    def ensure(self, client: str, account: str, code: str, *, actor: Actor) -> tuple["Brand", bool]:
        """Make the brand, or return the one there is. ValidationError names the part that is written wrongly."""
        for name, value, rule, case in (
            ("CLIENT", client, LOWER, "lower"),
            ("ACCOUNT", account, LOWER, "lower"),
            ("BRAND", code, UPPER, "upper"),
        ):
            if not rule.fullmatch(value):
                raise ValidationError(f"{name} must be 1–63 letters in {case} case, digits, - or _")
        with transaction.atomic():
            brand, made = self.get_or_create(client=client, account=account, code=code)
            if made:
                record("brand.created", actor, brand=brand.pk, of=brand)
        return brand, made

    def by_retention(self) -> dict[int, frozenset[int]]:
        """Keys of the brands that keep events for so many days; those that keep them without an end are left out."""
        found: dict[int, set[int]] = defaultdict(set)
        for brand in self.filter(values__has_key="retention_days"):
            if days := brand.setting("retention_days"):
                found[days].add(brand.pk)
        return {days: frozenset(brands) for days, brands in sorted(found.items())}

    def longest_retention(self) -> int | None:
        """After how many days no brand keeps an event any more; None when one keeps them without an end."""
        kept = self.by_retention()
        endless = self.exclude(pk__in=frozenset().union(*kept.values()))
        return None if not kept or endless.exists() else max(kept)


class Brand(models.Model):
    client = models.CharField(max_length=63)
    account = models.CharField(max_length=63)
    code = models.CharField("brand", max_length=63)
    values = models.JSONField(default=dict, editable=False)
    secrets = models.BinaryField(default=bytes, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BrandQuerySet.as_manager()

    class Meta:
        ordering = ["client", "account", "code"]
        constraints = [models.UniqueConstraint(fields=["client", "account", "code"], name="brand_path_once")]

    def __str__(self) -> str:
        return self.path

    @property
    def path(self) -> str:
        """ "client/account/BRAND", as it stands in the tracking URL and in the REST API."""
        return f"{self.client}/{self.account}/{self.code}"

    def setting(self, name: str) -> Any:
        if SETTINGS[name].secret:
            return decrypt(self.secrets, self._binding(name)) if self.secrets else ""
        return self.values.get(name, SETTINGS[name].default)

    def configure(self, changes: dict[str, Any], actor: Actor) -> None:
        """Check and store settings, all or none. BadBrandSetting names the setting and the rule."""
        for name in changes:
            if name not in SETTINGS:
                raise BadBrandSetting(f"{name} is not a setting; the settings are {', '.join(SETTINGS)}")
        checked = {name: SETTINGS[name].checked(value) for name, value in changes.items()}
        with transaction.atomic():
            row = Brand.objects.select_for_update().get(pk=self.pk)
            for name, value in checked.items():
                if SETTINGS[name].secret:
                    row.secrets = encrypt(value, row._binding(name)) if value else b""
                else:
                    row.values[name] = value
            if row.setting("forwarding") and not row.forwards:
                raise BadBrandSetting("forwarding needs an upstream_url, and one that is not this portal's own")
            row.save(update_fields=["values", "secrets"])
            record("brand.configured", actor, brand=row.pk, of=row, settings=sorted(checked))
        self.values, self.secrets = row.values, row.secrets

    def _binding(self, name: str) -> bytes:
        return f"brand:{self.path}:{name}".encode()

    # -- What the rest of the product asks ----------------------------------------------------------------

    @property
    def channels(self) -> list[dict[str, str]]:
        return list(self.setting("channels"))

    @property
    def forwards(self) -> bool:
        """Whether stored events are sent on: never to this portal itself (contract G7), whatever it is called now."""
        return bool(self.setting("forwarding")) and leads_elsewhere(self.setting("upstream_url"), settings.PUBLIC_URL)

    @property
    def channel_names(self) -> list[str]:
        return [channel["name"] for channel in self.channels]
