"""What an official and a worker fill in about a complaint."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts import complaints
from alerts.forms import PapersField, PapersInput
from payroll.models import Complaint
from projects.models import Authority, Project, Region
from wagewatch import identity
from wagewatch.months import Month

MOST_PEOPLE = 10_000


def _text(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attributes})


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "form-control", "rows": rows})


class MonthInput(forms.TextInput):
    """A month as browsers send it, YYYY-MM."""

    input_type = "month"


class ComplaintForm(forms.Form):
    """What every complaint says; nothing about the person is required."""

    site_name = forms.CharField(
        label=_("Building site"), max_length=200, required=False, widget=_text()
    )
    company_name = forms.CharField(
        label=_("Your company or foreman"), max_length=200, required=False,
        widget=_text(list="companies"),
    )  # fmt: skip
    text = forms.CharField(label=_("What happened"), max_length=2000, widget=_area(4))
    first_month = forms.CharField(
        label=_("Unpaid from"), required=False, widget=MonthInput(attrs={"class": "form-control"})
    )
    last_month = forms.CharField(
        label=_("Unpaid to"), required=False, widget=MonthInput(attrs={"class": "form-control"})
    )
    people = forms.IntegerField(
        label=_("For how many people"), min_value=1, max_value=MOST_PEOPLE, initial=1,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
    )  # fmt: skip
    amount = forms.DecimalField(
        label=_("Amount owed (CNY)"), min_value=0, max_value=10**9, decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "decimal"}),
    )  # fmt: skip
    name = forms.CharField(label=_("Your name"), max_length=100, required=False, widget=_text())
    phone = forms.CharField(
        label=_("Telephone"), max_length=20, required=False,
        widget=_text(inputmode="tel", type="tel"),
    )  # fmt: skip
    id_number = forms.CharField(
        label=_("Resident ID number"), max_length=20, required=False, widget=_text()
    )
    papers = PapersField(
        label=_("Photographs or papers"),
        required=False,
        widget=PapersInput(attrs={"class": "form-control"}),
    )

    def clean_phone(self) -> str:
        phone = identity.normalise(self.cleaned_data["phone"])
        if phone and not (phone.lstrip("+").replace("-", "").isdecimal() and len(phone) >= 7):
            raise forms.ValidationError(_("This is no telephone number."))
        return phone

    def clean_id_number(self) -> str:
        number = identity.normalise(self.cleaned_data["id_number"])
        if number and identity.id_code(identity.RESIDENT_ID, number):
            raise forms.ValidationError(_("Compare the number with the card, digit by digit."))
        return number

    def _month(self, name: str) -> Month | None:
        said = self.cleaned_data[name].strip()
        if not said:
            return None
        try:
            return Month.parse(said)
        except ValueError as error:
            raise forms.ValidationError(_("Write the month as 2026-03.")) from error

    def clean_first_month(self) -> Month | None:
        return self._month("first_month")

    def clean_last_month(self) -> Month | None:
        return self._month("last_month")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_month"), data.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", _("The last month is before the first."))
        return data

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of Complaint."""
        data = dict(self.cleaned_data)
        facts = {
            name: data[name]
            for name in (
                *("site_name", "company_name", "text", "first_month", "last_month", "people"),
                *("amount", "name", "phone", "id_number"),
            )
        }
        facts["id_type"] = identity.RESIDENT_ID if facts["id_number"] else ""
        return facts


class PublicForm(ComplaintForm):
    """A worker's own; `website` is a trap for programs, hidden from people."""

    project = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    region = forms.ModelChoiceField(
        Region.objects.none(), label=_("District"), required=False,
        empty_label=_("I do not know"), widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["region"].queryset = Region.objects.filter(code__regex=r"^\d{6}$")
        self.found: Project | None = None

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("robot")
        return ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        code = data.get("project", "")
        self.found = Project.objects.filter(code=code).first() if code else None
        if not self.found and not data.get("site_name", "").strip():
            self.add_error("site_name", _("Say which building site it is."))
        return data


class RegisterForm(ComplaintForm):
    """An official takes it down; `code` is the project's, where it is known."""

    channel = forms.ChoiceField(
        label=_("Channel"), choices=Complaint.Channel.choices, initial=Complaint.Channel.VISIT,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    received_on = forms.DateField(
        label=_("Received on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )
    reference = forms.CharField(
        label=_("Number given by the channel"), max_length=60, required=False, widget=_text()
    )
    code = forms.CharField(label=_("Project code"), max_length=32, required=False, widget=_text())

    field_order = ("channel", "received_on", "reference", "code")

    def __init__(self, *args: Any, today: dt.date, projects: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.projects = today, projects
        self.found: Project | None = None
        self.fields["company_name"].label = _("Company complained about")
        self.fields["name"].label = _("Complainant")
        self.fields["received_on"].initial = today
        self.fields["received_on"].widget.attrs["max"] = today.isoformat()

    def clean_received_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("Choose a day up to today."))
        return day

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        self.found = self.projects.filter(code=code).first() if code else None
        if code and not self.found:
            raise forms.ValidationError(_("There is no such project in your territory."))
        return code

    @property
    def facts(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in ("channel", "received_on", "reference")}
        return super().facts | own


class ActForm(forms.Form):
    """Accepting needs nothing; the others say what they need."""

    def __init__(self, data: Any = None, *, act: str, complaint: Complaint, projects: Any) -> None:
        super().__init__(data, auto_id=f"{act}-%s")
        self.complaint, self.projects = complaint, projects
        self.prepare()

    def prepare(self) -> None:
        """Choices that depend on the complaint."""

    @property
    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class RefuseForm(ActForm):
    reason = forms.ChoiceField(
        label=_("Reason"), widget=forms.Select(attrs={"class": "form-select"})
    )
    note = forms.CharField(
        label=_("Where to go instead, and what to bring (the complainant reads it)"),
        max_length=1000, required=False, widget=_area(),
    )  # fmt: skip

    def prepare(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["reason"].choices = [(k, str(text)) for k, text in complaints.REASONS.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reason") in complaints.ELSEWHERE and not data.get("note", "").strip():
            self.add_error("note", _("Say where the matter belongs."))
        return data


class ForwardForm(ActForm):
    authority = forms.ModelChoiceField(
        Authority.objects.none(), label=_("Pass on to"), required=False,
        empty_label=_("another (name it below)"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note (the complainant reads it)"), max_length=1000, required=False, widget=_area(2)
    )

    def prepare(self) -> None:
        fields: dict[str, Any] = self.fields
        rows = Authority.objects.select_related("region")
        place = self.complaint.region_id
        if self.complaint.project_id and place:  # who may see the project
            around = [place[:6], f"{place[:4]}00", f"{place[:2]}0000", place]
            rows = rows.filter(Q(region__in=around))
        fields["authority"].queryset = rows.order_by("region", "kind")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("authority") and not data.get("note", "").strip():
            self.add_error("note", _("Say to whom."))
        return data


class ResultForm(ActForm):
    result = forms.CharField(
        label=_("Result (the complainant reads it)"), max_length=1000, widget=_area()
    )


class ShareForm(ActForm):
    text = forms.CharField(label=_("What the companies may read"), max_length=1000, widget=_area())

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if complaints.names_complainant(self.complaint, text):
            raise forms.ValidationError(_("This names the complainant."))
        return text


class MatchForm(ActForm):
    code = forms.CharField(label=_("Project code"), max_length=32, widget=_text())

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        self.found = self.projects.filter(code=code).first()
        if not self.found:
            raise forms.ValidationError(_("There is no such project in your territory."))
        return code

    @property
    def arguments(self) -> dict[str, Any]:
        return {"project": self.found}


class LookupForm(forms.Form):
    number = forms.CharField(label=_("Complaint number"), max_length=20, widget=_text())
    code = forms.CharField(
        label=_("Code"), max_length=12, widget=_text(autocapitalize="characters")
    )
