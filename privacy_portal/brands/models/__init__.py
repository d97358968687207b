from privacy_portal.brands.models.api_token import ApiToken, Role
from privacy_portal.brands.models.auth_token import AuthToken, TokenKind
from privacy_portal.brands.models.brand import Brand
from privacy_portal.brands.models.staff import StaffRole

__all__ = ["ApiToken", "AuthToken", "Brand", "Role", "StaffRole", "TokenKind"]
