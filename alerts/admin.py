"""Parameters of rules are set here, with the document they rest on; notices are read-only."""

from typing import Any

from django import forms
from django.contrib import admin

from alerts.models import Evaluation, Notice, RuleParameter
from alerts.rules import catalogue
from wagewatch import audit
from wagewatch.admin import ReadOnly


class ParameterForm(forms.ModelForm):
    """Only parameters that a rule has, within its bounds."""

    class Meta:
        model = RuleParameter
        fields = ("rule", "name", "region", "valid_from", "value", "document")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        rule = catalogue().get(data.get("rule", ""))
        params = {param.name: param for param in rule.params} if rule else {}
        param = params.get(data.get("name", ""))
        if param is None:
            known = ", ".join(
                f"{code}.{p.name}" for code, r in catalogue().items() for p in r.params
            )
            raise forms.ValidationError(f"参数不存在 / no such parameter. {known}")
        value = data.get("value")
        if value is not None and not param.minimum <= value <= param.maximum:
            raise forms.ValidationError({"value": f"{param.minimum} – {param.maximum}"})
        return data


@admin.register(RuleParameter)
class RuleParameterAdmin(admin.ModelAdmin):
    form = ParameterForm
    list_display = ("rule", "name", "region", "valid_from", "value", "document", "set_by")
    list_filter = ("rule",)
    autocomplete_fields = ("region",)
    list_select_related = ("region", "set_by")

    def save_model(self, request: Any, obj: RuleParameter, form: Any, change: bool) -> None:
        obj.set_by = request.user
        super().save_model(request, obj, form, change)
        audit.record(
            request.user, "parameter-set", obj, rule=obj.rule, name=obj.name, value=str(obj.value)
        )


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ("document_number", "company", "project", "issued_on", "due_on", "amount")
    search_fields = ("document_number", "company__name", "project__name")
    list_select_related = ("company", "project")


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnly):
    list_display = ("as_of", "at", "projects", "opened", "raised", "cleared", "reopened", "seconds")
