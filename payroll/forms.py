"""Which pay sheet template a member may send, and a year's holiday notice."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects import scope
from projects.models import Company, Engagement, Member, Party, Project
from wagewatch.calendars import missing_years
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


NOTICE_LONGEST = 20_000


class CalendarForm(forms.Form):
    """A year's holiday notice, pasted or as a text file (UTF-8 or GB 18030)."""

    year = forms.TypedChoiceField(
        label=_("Year"), coerce=int, widget=forms.Select(attrs={"class": "form-select"})
    )
    document = forms.CharField(
        label=_("Notice it rests on"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    text = forms.CharField(
        label=_("Text of the notice"),
        required=False,
        max_length=NOTICE_LONGEST,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 10}),
    )
    file = forms.FileField(
        label=_("Or a text file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"class": "form-control"}),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        years = (today.year + 1, today.year, today.year - 1)
        fields["year"].choices = [(year, str(year)) for year in years]
        missing = missing_years(today)
        fields["year"].initial = missing[0] if missing else today.year + 1

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file = data.get("file")
        if file and not data.get("text"):
            content = file.read(NOTICE_LONGEST * 4)
            try:
                data["text"] = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                data["text"] = content.decode("gb18030", errors="replace")
            # The text is shown, and sent back with "confirm".
            self.data = {**self.data.dict(), "text": data["text"]}  # type: ignore[attr-defined]
        if not data.get("text"):
            self.add_error("text", _("Paste the text of the notice."))
        return data
