"""What a member of staff may do in the console: a role, on some brands or on all."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import models, transaction

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands.models.api_token import Role

if TYPE_CHECKING:
    from privacy_portal.brands.models.brand import Brand


class StaffRoleQuerySet(models.QuerySet["StaffRole"]):
    def ensure(
        self, username: str, password: str, role: str, brands: Iterable["Brand"] = (), *, actor: Actor
    ) -> tuple[User, bool]:
        """Make a member of staff, or set password, role and brands of the one there is."""
        with transaction.atomic():
            user, made = get_user_model().objects.get_or_create(username=username)
            # What they may do is said by the role alone: without it they may do nothing.
            user.is_staff, user.is_superuser = True, False
            user.set_password(password)
            user.save()
            brands = list(brands)
            held, _ = self.update_or_create(user=user, defaults={"role": role, "all_brands": not brands})
            held.brands.set(brands)
            record("staff.set", actor, of=user, role=role, brands=[brand.pk for brand in brands])
        return user, made


class StaffRole(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portal_role")
    role = models.CharField(max_length=10, choices=Role)
    all_brands = models.BooleanField(default=False)
    brands = models.ManyToManyField("brands.Brand", blank=True)

    objects = StaffRoleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def actor(self) -> Actor:
        return Actor("staff", str(self.user_id))

    def allowed_brands(self) -> "models.QuerySet[Brand]":
        from privacy_portal.brands.models.brand import Brand

        return Brand.objects.all() if self.all_brands else self.brands.all()
