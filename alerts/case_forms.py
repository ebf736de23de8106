"""What an officer fills in: opening a case, and one form for each act on it."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alerts import cases
from alerts.models import Case, CaseStep
from payroll.models import Complaint
from projects.models import Authority, Member

Act = CaseStep.Act
DAY = dt.timedelta(days=1)
_SELECT = {"class": "form-select"}


class Words(forms.CharField):
    """A text of several lines, up to what a step keeps."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"class": "form-control", "rows": 3})
        super().__init__(max_length=cases.LONGEST_NOTE, widget=widget, **kwargs)


class OfficerField(forms.ModelChoiceField):
    """Somebody of the authority that has the case."""

    def __init__(self, **kwargs: Any) -> None:
        users = get_user_model().objects.none()
        kwargs.setdefault("label", pgettext_lazy("case", "Officer"))
        super().__init__(users, widget=forms.Select(attrs=dict(_SELECT)), **kwargs)

    def label_from_instance(self, user: Any) -> str:
        return str(user.get_full_name() or user.username)


def officers(authority: Authority | None) -> Any:
    """The users who may investigate for an authority."""
    users = get_user_model().objects.filter(is_active=True).order_by("username")
    if authority is None:
        return users.none()
    loose = Q(
        member__authority__isnull=True,
        member__role=Member.Role.INSPECTOR,
        member__region__code__startswith=authority.region.prefix,
    )
    roles = (Member.Role.INSPECTOR, Member.Role.REGULATOR)
    return users.filter(loose | Q(member__authority=authority, member__role__in=roles))


class OpenForm(forms.Form):
    officer = OfficerField(required=False)
    source = forms.ChoiceField(
        label=pgettext_lazy("case", "Source"),
        choices=Case.Source.choices,
        widget=forms.Select(attrs=dict(_SELECT)),
    )
    note = Words(label=_("Grounds"), required=False)

    def __init__(self, *args: Any, authority: Authority | None, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["officer"].queryset = officers(authority)
        if fields["officer"].queryset.filter(pk=user.pk).exists():
            fields["officer"].initial = user.pk


class ActForm(forms.Form):
    """Base of the forms of acts: `case` is what it is about, `today` the day acted on."""

    def __init__(
        self, data: Any = None, *, case: Case, today: dt.date, act: str, member: Member
    ) -> None:
        super().__init__(data, prefix=act)
        self.case, self.today, self.member = case, today, member
        self.prepare(self.fields)

    def prepare(self, fields: dict[str, Any]) -> None:
        """Fill in choices."""


class AssignForm(ActForm):
    officer = OfficerField()

    def prepare(self, fields: dict[str, Any]) -> None:
        fields["officer"].queryset = officers(self.case.authority)
        fields["officer"].initial = self.case.officer_id


class NoteForm(ActForm):
    text = Words(label=pgettext_lazy("case", "What was done"))


class ComplaintField(forms.ModelChoiceField):
    """By number, day and people: never who complained."""

    def label_from_instance(self, one: Any) -> str:
        return f"{one.number} · {one.received_on} · {one.people}"


class TakeInForm(ActForm):
    complaint = ComplaintField(
        Complaint.objects.none(), label=_("Complaint"), widget=forms.Select(attrs=dict(_SELECT))
    )

    def prepare(self, fields: dict[str, Any]) -> None:
        fields["complaint"].queryset = cases.answerable(self.case, self.member)


class ReportForm(ActForm):
    text = Words(label=_("What was done so far"))


class ReasonForm(ActForm):
    reason = Words(label=_("Reason"))


class ResumeForm(ActForm):
    reason = Words(label=_("Reason"), required=False)


class TakeUpForm(ActForm):
    officer = OfficerField(required=False)

    def prepare(self, fields: dict[str, Any]) -> None:
        fields["officer"].queryset = officers(self.case.authority)


class ExtendForm(ActForm):
    reason = Words(label=_("Reason"))
    approved_by = forms.CharField(
        label=_("Approved by"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


class HandOverForm(ActForm):
    to = forms.ModelChoiceField(
        Authority.objects.none(), label=_("To"), widget=forms.Select(attrs=dict(_SELECT))
    )
    reason = Words(label=_("Reason"))
    report_on = forms.DateField(
        label=_("Report wanted by"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )

    def prepare(self, fields: dict[str, Any]) -> None:
        able = [authority.pk for authority in cases.able(self.case)]
        fields["to"].queryset = Authority.objects.filter(pk__in=able)
        fields["report_on"].widget.attrs["min"] = (self.today + DAY).isoformat()

    def clean_report_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["report_on"]
        if day and day <= self.today:
            raise forms.ValidationError(_("Choose a day to come."))
        return day


class CloseForm(ActForm):
    result = forms.ChoiceField(
        label=pgettext_lazy("case", "Result"),
        choices=Case.Result.choices,
        widget=forms.Select(attrs=dict(_SELECT)),
    )
    reason = Words(label=_("Facts that it rests on"))


FORMS: dict[str, type[ActForm]] = {
    Act.NOTE: NoteForm,
    Act.TAKE_IN: TakeInForm,
    Act.ASSIGN: AssignForm,
    Act.EXTEND: ExtendForm,
    Act.SUSPEND: ReasonForm,
    Act.RESUME: ResumeForm,
    Act.HAND_OVER: HandOverForm,
    Act.TAKE_UP: TakeUpForm,
    Act.SEND_BACK: ReasonForm,
    Act.REPORT: ReportForm,
    Act.CLOSE: CloseForm,
}
"""The acts that a page offers, in the order in which it does; linking has a page of its own."""
LABELS: dict[str, Any] = {
    Act.NOTE: _("Record a step"),
    Act.TAKE_IN: _("Take in a complaint"),
    Act.ASSIGN: _("Name the officer"),
    Act.EXTEND: _("Extend by 30 working days"),
    Act.SUSPEND: pgettext_lazy("case", "Suspend"),
    Act.RESUME: _("Resume"),
    Act.HAND_OVER: _("Hand over to another authority"),
    Act.TAKE_UP: pgettext_lazy("case", "Take up"),
    Act.SEND_BACK: _("Send back"),
    Act.REPORT: _("Report to who handed it over"),
    Act.CLOSE: pgettext_lazy("case", "Close"),
}
