"""The pages of the console that need more than one app: a person, the audit log."""

from django.contrib import admin
from django.contrib.auth.models import Group, User

from privacy_portal.audit.models import Entry
from privacy_portal.console.audit_log import AuditAdmin
from privacy_portal.console.person import PersonAdmin
from privacy_portal.subjects.models import Subject

# Staff are made and changed by create_staff, which audits it; see Staff under brands.
admin.site.unregister([User, Group])
admin.site.register(Subject, PersonAdmin)
admin.site.register(Entry, AuditAdmin)
