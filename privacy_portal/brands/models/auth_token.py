"""Auth-tokens: what a server, web page or app shows the tracking API."""

from typing import TYPE_CHECKING, Optional

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands import secret
from privacy_portal.brands.encryption import decrypt, encrypt
from privacy_portal.brands.models.used import UsedToken

if TYPE_CHECKING:
    from privacy_portal.brands.models.brand import Brand


class TokenKind(models.TextChoices):
    SERVER = "server", "Server"
    JS_TAG = "js_tag", "JS tag"
    MOBILE = "mobile", "Mobile"
    INTERNAL = "internal", "Internal: the portal's own identify updates"


class AuthTokenQuerySet(models.QuerySet["AuthToken"]):
    def live(self) -> "AuthTokenQuerySet":
        return self.filter(revoked_at=None)

    def issue(
        self,
        kind: str,
        client: str,
        account: str,
        brand: Optional["Brand"] = None,
        *,
        actor: Actor,
        name: str = "",
        rate: int = 100,
        burst: int = 500,
    ) -> tuple["AuthToken", str]:
        """Make a token. Returns it with its secret, which is shown now and never again."""
        clear = secret.fresh("pp_" + kind)
        with transaction.atomic():
            token = self.create(
                kind=kind, client=client, account=account, brand=brand, name=name, rate=rate, burst=burst,
                digest=secret.hashed(clear), hint=clear[-4:],
            )  # fmt: skip
            record("auth_token.issued", actor, brand=brand.pk if brand else None, of=token, kind=kind)
        return token, clear

    def internal(self, brand: "Brand") -> str:
        """The secret with which the portal posts this brand's identify updates to itself (contract G7)."""
        with transaction.atomic():
            type(brand).objects.select_for_update().get(pk=brand.pk)
            token = self.live().filter(brand=brand, kind=TokenKind.INTERNAL).first()
            if token is None:
                token, clear = self.issue(
                    TokenKind.INTERNAL,
                    brand.client,
                    brand.account,
                    brand,
                    actor=Actor("system"),
                    name="identify updates",
                )
                token.sealed = encrypt(clear, token.digest)
                token.save(update_fields=["sealed"])
        return decrypt(bytes(token.sealed), bytes(token.digest))


class AuthToken(UsedToken):
    kind = models.CharField(max_length=10, choices=TokenKind)
    client = models.CharField(max_length=63)
    account = models.CharField(max_length=63)
    brand = models.ForeignKey(
        "brands.Brand", null=True, blank=True, on_delete=models.CASCADE, related_name="auth_tokens"
    )
    name = models.CharField(max_length=100, blank=True)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    hint = models.CharField("ends in", max_length=4)
    rate = models.PositiveIntegerField("requests per second", default=100)
    burst = models.PositiveIntegerField(default=500)
    sealed = models.BinaryField(default=bytes, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AuthTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=1, burst__gte=1), name="auth_token_rate_positive"),
            models.UniqueConstraint(
                fields=["brand"], condition=Q(kind="internal", revoked_at=None), name="auth_token_one_internal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} …{self.hint}"

    def revoke(self, actor: Actor) -> None:
        """Shut it, in every process within a second. Revoking twice changes nothing."""
        with transaction.atomic():
            if AuthToken.objects.live().filter(pk=self.pk).update(revoked_at=timezone.now()):
                record("auth_token.revoked", actor, brand=self.brand_id, of=self)
        self.refresh_from_db()
