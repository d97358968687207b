"""The console's pages of regulations, their steps and exports."""

from django.contrib import admin

from regulations.admin.export import ExportAdmin
from regulations.admin.regulation import RegulationAdmin
from regulations.admin.step import StepAdmin
from regulations.models import Export, Regulation, Step

admin.site.register(Regulation, RegulationAdmin)
admin.site.register(Step, StepAdmin)
admin.site.register(Export, ExportAdmin)
