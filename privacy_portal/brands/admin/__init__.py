"""The console's pages of brands, tokens and staff."""

from django.contrib import admin

from privacy_portal.brands.admin.api_token import ApiTokenAdmin
from privacy_portal.brands.admin.auth_token import AuthTokenAdmin
from privacy_portal.brands.admin.brand import BrandAdmin
from privacy_portal.brands.admin.staff import StaffAdmin
from privacy_portal.brands.models import ApiToken, AuthToken, Brand, StaffRole

admin.site.register(Brand, BrandAdmin)
admin.site.register(AuthToken, AuthTokenAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(StaffRole, StaffAdmin)
