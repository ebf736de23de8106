"""The desk's filters: what the URL may ask, and the questions it stands for.

Everything narrows a queryset that projects/scope.py has already cut to what the member sees.
"""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts import complaints
from alerts.models import Forecast, Level, Notice, Warning
from alerts.rules import catalogue
from alerts.rules.base import STAGES, Values
from payroll.models import Complaint
from projects.filters import RegionFilter, region_choices
from projects.labels import INDUSTRY
from projects.models import Member
from wagewatch.months import Month

AGES = {
    "week": (_("Up to 7 days"), 0, 7),
    "month": (_("8 to 30 days"), 8, 30),
    "quarter": (_("31 to 90 days"), 31, 90),
    "older": (_("Over 90 days"), 91, 40_000),
}
"""Age of a matter in days since its fact became true: label, from, to (inclusive)."""


def _field(**extra: Any) -> dict[str, Any]:
    return {"class": "form-select form-select-sm", **extra}


class WarningFilter(django_filters.FilterSet):
    """`as_of` is the day that ages are counted to."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Project, company or code")}
        ),
    )
    status = django_filters.ChoiceFilter(
        choices=[*Warning.Status.choices, ("all", _("All"))],
        method="by_status",
        label=_("Status"),
        empty_label=None,
        widget=forms.Select(attrs=_field()),
    )
    level = django_filters.TypedMultipleChoiceFilter(
        choices=sorted(Level.choices, reverse=True), coerce=int, label=_("Level")
    )
    stage = django_filters.ChoiceFilter(
        choices=lambda: [(stage.key, str(stage)) for stage in STAGES],
        method="by_stage",
        label=_("Stage"),
        empty_label=_("All stages"),
    )
    rule = django_filters.ChoiceFilter(
        choices=lambda: [(code, f"{code} {rule.title}") for code, rule in catalogue().items()],
        label=_("Rule"),
        empty_label=_("All rules"),
        widget=forms.Select(attrs=_field()),
    )
    region = RegionFilter(path="project__region")
    industry = django_filters.ChoiceFilter(
        field_name="project__industry",
        choices=list(INDUSTRY.items()),
        label=_("Sector"),
        empty_label=_("All sectors"),
        widget=forms.Select(attrs=_field()),
    )
    age = django_filters.ChoiceFilter(
        choices=[(key, label) for key, (label, _from, _to) in AGES.items()],
        method="by_age",
        label=_("Age"),
        empty_label=_("Any age"),
        widget=forms.Select(attrs=_field()),
    )
    month = django_filters.CharFilter(
        method="by_month",
        label=_("Month worked"),
        widget=forms.TextInput(
            attrs={"type": "month", "class": "form-control form-control-sm", "min": "2015-01"}
        ),
    )
    data = django_filters.ChoiceFilter(
        choices=[("missing", _("Data missing")), ("complete", _("Data complete"))],
        method="by_data",
        label=_("Data"),
        empty_label=_("Complete or not"),
        widget=forms.Select(attrs=_field()),
    )
    folded = django_filters.BooleanFilter(
        method="by_folded",
        label=_("Show folded"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    class Meta:
        model = Warning
        fields: list[str] = []

    def __init__(self, data: Any, *, member: Member, as_of: dt.date, **kwargs: Any) -> None:
        self.as_of = as_of
        data = data.copy()
        data.setdefault("status", Warning.Status.OPEN)
        super().__init__(data, **kwargs)
        self.filters["region"].extra["choices"] = region_choices(member)

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        return queryset if self.form.cleaned_data.get("folded") else queryset.unfolded()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(project__name__icontains=word)
                | Q(project__code__istartswith=word)
                | Q(company__name__icontains=word)
                | Q(company__code__istartswith=word)
                | Q(project__contractor__name__icontains=word)
                | Q(rule__iexact=word)
            )
        return queryset

    def by_status(self, queryset: Any, name: str, value: str) -> Any:
        return queryset if value == "all" else queryset.filter(status=value)

    def by_stage(self, queryset: Any, name: str, value: str) -> Any:
        rules = [code for code, rule in catalogue().items() if rule.stage.key == value]
        return queryset.filter(rule__in=rules)

    def by_age(self, queryset: Any, name: str, value: str) -> Any:
        _label, least, most = AGES[value]
        day = dt.timedelta(days=1)
        return queryset.filter(
            since__lte=self.as_of - least * day, since__gte=self.as_of - most * day
        )

    def by_month(self, queryset: Any, name: str, value: str) -> Any:
        try:
            return queryset.filter(month=Month.parse(value))
        except ValueError:
            return queryset.none()

    def by_data(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(data_missing=value == "missing")

    def by_folded(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset


class NoticeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Number, project or company")}
        ),
    )

    class Meta:
        model = Notice
        fields: list[str] = []

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(
            Q(document_number__icontains=value)
            | Q(project__name__icontains=value)
            | Q(company__name__icontains=value)
            | Q(company__code__istartswith=value)
        )


class ComplaintFilter(django_filters.FilterSet):
    """`today` is the day that time limits are counted to, `values` those of rule G1."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Number, site, project or company")}
        ),
    )
    standing = django_filters.ChoiceFilter(
        choices=[("open", _("Not ended")), *Complaint.Standing.choices],
        method="by_standing",
        label=_("Status"),
        empty_label=_("Any status"),
        widget=forms.Select(attrs=_field()),
    )
    channel = django_filters.ChoiceFilter(
        choices=Complaint.Channel.choices,
        label=_("Channel"),
        empty_label=_("All channels"),
        widget=forms.Select(attrs=_field()),
    )
    region = RegionFilter(path="region")
    project = django_filters.CharFilter(field_name="project__code", label=_("Project code"))
    place = django_filters.ChoiceFilter(
        choices=[("unknown", _("Project not known")), ("known", _("Project known"))],
        method="by_place",
        label=_("Project"),
        empty_label=_("Project known or not"),
        widget=forms.Select(attrs=_field()),
    )
    overdue = django_filters.BooleanFilter(
        method="by_overdue",
        label=_("Overdue only"),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    class Meta:
        model = Complaint
        fields: list[str] = []

    def __init__(
        self, data: Any, *, member: Member, today: dt.date, values: Values, **kwargs: Any
    ) -> None:
        self.today, self.values = today, values
        super().__init__(data, **kwargs)
        self.filters["region"].extra["choices"] = region_choices(member)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            found = (
                Q(site_name__icontains=word)
                | Q(company_name__icontains=word)
                | Q(reference__iexact=word)
                | Q(project__name__icontains=word)
                | Q(project__code__istartswith=word)
                | Q(project__contractor__name__icontains=word)
            )
            if pk := complaints.number_to_key(word):
                found |= Q(pk=pk)
            queryset = queryset.filter(found)
        return queryset

    def by_standing(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.open() if value == "open" else queryset.filter(standing=value)

    def by_place(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(project__isnull=value == "unknown")

    def by_overdue(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(complaints.late(self.today, self.values)) if value else queryset


class ForecastFilter(django_filters.FilterSet):
    """Paydays from `as_of` to `days` ahead; without any choice the next ten."""

    AHEAD = {"10": _("Next 10 days"), "5": _("Next 5 days"), "31": _("Next 31 days")}

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Project, company or code")}
        ),
    )
    within = django_filters.ChoiceFilter(
        choices=list(AHEAD.items()),
        method="by_days",
        label=_("Paydays within"),
        empty_label=None,
        widget=forms.Select(attrs=_field()),
    )
    outlook = django_filters.ChoiceFilter(
        choices=[
            ("short", _("Shortfall")),
            ("covered", _("Covered")),
            ("unknown", _("Unknown")),
            ("sheets", _("Sheets missing")),
        ],
        method="by_outlook",
        label=_("Outlook"),
        empty_label=_("Any outlook"),
        widget=forms.Select(attrs=_field()),
    )
    region = RegionFilter(path="project__region")
    industry = django_filters.ChoiceFilter(
        field_name="project__industry",
        choices=list(INDUSTRY.items()),
        label=_("Sector"),
        empty_label=_("All sectors"),
        widget=forms.Select(attrs=_field()),
    )

    class Meta:
        model = Forecast
        fields: list[str] = []

    def __init__(self, data: Any, *, member: Member, as_of: dt.date, **kwargs: Any) -> None:
        self.as_of = as_of
        data = data.copy()
        data.setdefault("within", "10")
        super().__init__(data, **kwargs)
        self.filters["region"].extra["choices"] = region_choices(member)

    @property
    def days(self) -> int:
        value = str(self.data.get("within", ""))
        return int(value) if value in self.AHEAD else 10

    def by_days(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(payday__lte=self.as_of + int(value) * dt.timedelta(days=1))

    def by_outlook(self, queryset: Any, name: str, value: str) -> Any:
        return {
            "short": queryset.filter(shortfall__gt=0),
            "covered": queryset.filter(shortfall=0),
            "unknown": queryset.filter(shortfall__isnull=True),
            "sheets": queryset.filter(sheets_missing__gt=0),
        }[value]

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(project__name__icontains=word)
                | Q(project__code__istartswith=word)
                | Q(project__contractor__name__icontains=word)
                | Q(project__owner__name__icontains=word)
            )
        return queryset
