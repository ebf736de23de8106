"""Which pay sheet template: project, employer, month; only what the member may send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects import scope
from projects.models import Company, Engagement, Member, Party, Project
from wagewatch.months import Month

_SMALL = {"class": "form-select"}


class TemplateForm(forms.Form):
    project = forms.ModelChoiceField(
        Project.objects.none(),
        to_field_name="code",
        label=_("Project"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    employer = forms.ModelChoiceField(
        Company.objects.none(),
        to_field_name="code",
        empty_label=None,
        label=_("Employer"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    month = forms.CharField(
        label=_("Month worked"),
        widget=forms.TextInput(attrs={"type": "month", "class": "form-control"}),
    )

    def __init__(self, *args: Any, member: Member, project: str = "", **kwargs: Any) -> None:
        """`project` is the code chosen so far: only its employers are offered."""
        super().__init__(*args, **kwargs)
        projects = Project.objects.visible_to(member).order_by("name")
        chosen = projects.filter(code=project).first() or projects.first()
        fields: dict[str, Any] = self.fields
        fields["project"].queryset = projects
        fields["employer"].queryset = employers(member, chosen)
        if chosen is not None:
            self.initial.setdefault("project", chosen.code)

    def clean_month(self) -> Month:
        try:
            return Month.parse(self.cleaned_data["month"])
        except ValueError as error:
            raise forms.ValidationError(_("Write the month as YYYY-MM.")) from error


def employers(member: Member, project: Project | None) -> Any:
    """The companies whose sheets of this project the member may send: a subcontractor its own, a
    general contractor its own and its subcontractors'."""
    if project is None or member.company_id is None:
        return Company.objects.none()
    if member.role == Member.Role.SUB:
        return Company.objects.filter(pk=member.company_id)
    subs = Party.objects.filter(project=project, role=Party.Role.SUB, known_until__isnull=True)
    engaged = scope.visible(Engagement.objects.filter(project=project, registered=True), member)
    ids = {member.company_id, *subs.values_list("company", flat=True)}
    ids |= set(engaged.order_by().values_list("employer", flat=True).distinct())
    return Company.objects.filter(pk__in=ids).order_by("name")
