"""What was set, issued and judged, to look at."""

from django.contrib import admin

from alerts.models import Evaluation, Notice, RuleParameter
from wagewatch.admin import ReadOnly


@admin.register(RuleParameter)
class RuleParameterAdmin(ReadOnly):
    """Set on the rule's page, where a value rests on a trial or says why not."""

    list_display = ("rule", "name", "region", "valid_from", "value", "document", "set_by")
    list_filter = ("rule",)
    list_select_related = ("region", "set_by")


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ("document_number", "company", "project", "issued_on", "due_on", "amount")
    search_fields = ("document_number", "company__name", "project__name")
    list_select_related = ("company", "project")


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnly):
    list_display = ("as_of", "at", "projects", "opened", "raised", "cleared", "reopened", "seconds")
