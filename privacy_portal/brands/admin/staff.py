"""Who may sign in, to read: create_staff makes and changes them, so that a password never passes through a list."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.roles import member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.models import Brand, StaffRole
from privacy_portal.brands.rights import Right


class StaffAdmin(ConsoleAdmin):
    plural = "Staff"
    brand_path = ""
    right = Right.SETTINGS
    intro = (
        "Who may sign in to this console. The command create_staff makes them, and changes password, role and brands."
    )
    list_display = ("username", "role", "where", "last_seen")
    list_display_links = ("username",)
    list_filter = ("role",)
    list_select_related = ("user",)
    ordering = ("user__username",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffRole]:
        rows: QuerySet[StaffRole] = super().get_queryset(request).prefetch_related("brands")
        who = member(request)
        if who.everywhere:
            return rows
        foreign = Brand.objects.exclude(pk__in=who.brand_ids())
        return rows.filter(all_brands=False).exclude(Q(brands__in=foreign))

    def heading(self, row: StaffRole) -> str:
        return row.user.get_username()

    def facts(self, request: HttpRequest, row: StaffRole) -> list[Fact]:
        return [
            ("Role", row.get_role_display()),
            ("Where", self.where(row)),
            ("Last signed in", self.last_seen(row)),
            ("To change", f"manage.py create_staff {row.user.get_username()} --role … --password-stdin"),
        ]

    @display(description="Name", ordering="user__username")
    def username(self, row: StaffRole) -> str:
        return row.user.get_username()

    @display(description="Where")
    def where(self, row: StaffRole) -> str:
        return "every brand" if row.all_brands else ", ".join(brand.path for brand in row.brands.all()) or "nowhere"

    @display(description="Last signed in", ordering="user__last_login")
    def last_seen(self, row: StaffRole) -> str:
        return moment(row.user.last_login) if row.user.last_login else "never"
