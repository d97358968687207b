"""API tokens: what support tooling shows the REST API. A role, on some brands or on all."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands import secret
from privacy_portal.brands.models.used import UsedToken

if TYPE_CHECKING:
    from privacy_portal.brands.models.brand import Brand, BrandQuerySet


class Role(models.TextChoices):
    """What someone may do, per brand (contract A2). A token or a member of staff has one."""

    SUPPORT = "support", "Support"
    DPO = "dpo", "DPO"
    AUDITOR = "auditor", "Auditor"
    ADMIN = "admin", "Admin"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None)

    def issue(
        self, role: str, brands: Iterable["Brand"] = (), *, actor: Actor, name: str = ""
    ) -> tuple["ApiToken", str]:
        """Make a token; no brand means every brand. Returns it with its secret, never shown again."""
        clear = secret.fresh("pp_api")
        with transaction.atomic():
            brands = list(brands)
            token = self.create(
                role=role, name=name, all_brands=not brands, digest=secret.hashed(clear), hint=clear[-4:]
            )
            token.brands.set(brands)
            record("api_token.issued", actor, of=token, role=role, brands=[brand.pk for brand in brands])
        return token, clear

    def presented(self, clear: str) -> "ApiToken | None":
        """The live token of this secret."""
        return self.live().filter(digest=secret.hashed(clear)).first()


class ApiToken(UsedToken):
    role = models.CharField(max_length=10, choices=Role)
    all_brands = models.BooleanField(default=False)
    brands = models.ManyToManyField("brands.Brand", blank=True, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    hint = models.CharField("ends in", max_length=4)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.get_role_display()} …{self.hint}"

    @property
    def is_authenticated(self) -> bool:
        """DRF asks its `user` this; a live token is always somebody."""
        return True

    @property
    def actor(self) -> Actor:
        return Actor("api_token", str(self.pk))

    def allowed_brands(self) -> "BrandQuerySet":
        from privacy_portal.brands.models.brand import Brand

        return Brand.objects.all() if self.all_brands else self.brands.all()

    def revoke(self, actor: Actor) -> None:
        with transaction.atomic():
            if ApiToken.objects.live().filter(pk=self.pk).update(revoked_at=timezone.now()):
                record("api_token.revoked", actor, of=self)
        self.refresh_from_db()
