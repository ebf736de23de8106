"""What the ledger of arrears may be asked for, over rows that projects/scope.py has already cut."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payroll import ledger
from payroll.models import Arrear
from projects.filters import RegionFilter, region_choices
from projects.models import Member
from wagewatch.months import Month

_AGES = {age.key: age for age in ledger.AGES}
_SMALL = {"class": "form-control form-control-sm"}
_SELECT = {"class": "form-select form-select-sm"}


class LedgerFilter(django_filters.FilterSet):
    """`as_of` is the day that ages are counted to. An ID number is never asked for in an address:
    it is sent as a form of its own and comes back as `worker`."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Worker, project, company or code")}
        ),
    )
    region = RegionFilter(path="project__region")
    project = django_filters.CharFilter(field_name="project__code")
    company = django_filters.CharFilter(method="by_company")
    role = django_filters.ChoiceFilter(
        choices=[("employer", _("Employer")), ("contractor", _("General contractor"))],
        method="by_role",
        label=_("Company as"),
        empty_label=_("In any role"),
        widget=forms.Select(attrs=_SELECT),
    )
    worker = django_filters.NumberFilter(field_name="worker")
    age = django_filters.ChoiceFilter(
        choices=[(age.key, age.label) for age in ledger.AGES],
        method="by_age",
        label=_("Overdue"),
        empty_label=_("Any age"),
        widget=forms.Select(attrs=_SELECT),
    )
    month = django_filters.CharFilter(
        method="by_month",
        label=_("Month worked"),
        widget=forms.TextInput(attrs={"type": "month", "min": "2015-01", **_SMALL}),
    )
    least = django_filters.NumberFilter(
        field_name="unpaid",
        lookup_expr="gte",
        label=_("Owed at least (CNY)"),
        widget=forms.NumberInput(attrs={"min": "0", "step": "0.01", **_SMALL}),
    )

    class Meta:
        model = Arrear
        fields: list[str] = []

    def __init__(self, data: Any, *, member: Member, as_of: dt.date, **kwargs: Any) -> None:
        self.as_of = as_of
        super().__init__(data, **kwargs)
        self.filters["region"].extra["choices"] = region_choices(member)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(worker__name__icontains=word)
                | Q(project__name__icontains=word)
                | Q(project__code__istartswith=word)
                | Q(employer__name__icontains=word)
                | Q(employer__code__istartswith=word)
                | Q(contractor__name__icontains=word)
            )
        return queryset

    def by_company(self, queryset: Any, name: str, value: str) -> Any:
        as_employer, as_contractor = Q(employer__code=value), Q(contractor__code=value)
        roles = {"employer": as_employer, "contractor": as_contractor}
        return queryset.filter(roles.get(self.data.get("role", ""), as_employer | as_contractor))

    def by_role(self, queryset: Any, name: str, value: str) -> Any:
        return queryset

    def by_age(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(_AGES[value].q(self.as_of))

    def by_month(self, queryset: Any, name: str, value: str) -> Any:
        try:
            return queryset.filter(month=Month.parse(value))
        except ValueError:
            return queryset.none()
