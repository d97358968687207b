"""What a token may do, by the rights of its role (contract A2, S4)."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from privacy_portal.brands.models import ApiToken, Role
from privacy_portal.brands.rights import RIGHTS, Right
from privacy_portal.rest.authentication import token_of
from privacy_portal.rest.problems import Problem

if TYPE_CHECKING:
    from rest_framework.views import APIView


def may(token: ApiToken, right: Right) -> bool:
    return right in RIGHTS[token.role]


def holders(right: Right) -> list[str]:
    """The roles that have a right."""
    return [role.value for role in Role if right in RIGHTS[role]]


def require(token: ApiToken, right: Right) -> None:
    if not may(token, right):
        raise Problem("permission_denied", f"This needs one of the roles {', '.join(holders(right))}.")


class HasRight(BasePermission):
    """Each view names in `rights` what each of its methods needs."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.auth:
            return False
        rights: dict[str, Right] = getattr(view, "rights", {})
        require(token_of(request), rights["GET" if request.method == "HEAD" else str(request.method)])
        return True
