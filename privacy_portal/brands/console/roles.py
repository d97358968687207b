"""Who is signed in to the console: the rights of their role, on the brands they serve (contract A2, S4)."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import HttpRequest

from privacy_portal.audit.models import Actor
from privacy_portal.brands.models import Brand, Role, StaffRole
from privacy_portal.brands.rights import RIGHTS, Right


@dataclass(frozen=True)
class Member:
    """Who is signed in, as the console sees them. `everywhere`: on every brand, those made later too."""

    actor: Actor
    role: str
    everywhere: bool
    brands: QuerySet[Brand]

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def brand_ids(self) -> list[int]:
        return list(self.brands.values_list("pk", flat=True))


def member_of(user: User | AnonymousUser) -> Member | None:
    """None for who has no business here. A superuser without a role is an admin on every brand."""
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return None
    role = StaffRole.objects.filter(user=user).first()
    if role is not None:
        return Member(role.actor, role.role, role.all_brands, role.allowed_brands())
    if user.is_superuser:
        return Member(Actor("staff", str(user.pk)), Role.ADMIN, True, Brand.objects.all())
    return None


def member(request: HttpRequest) -> Member:
    """The member of staff of this request, read once. Only for pages that the site let them open."""
    found = known(request)
    if found is None:
        raise LookupError("a page of the console was opened by nobody")
    return found


def known(request: HttpRequest) -> Member | None:
    if not hasattr(request, "console_member"):
        request.console_member = member_of(request.user)  # type: ignore[attr-defined]
    found: Member | None = request.console_member  # type: ignore[attr-defined]
    return found
