"""The filters of the list of cases, over rows that scope.py has already cut."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alerts.models import Case
from projects.filters import RegionFilter, region_choices
from projects.models import Authority, Member
from wagewatch.calendars import WorkingDays

SOON = 10
"""Working days before its limit from which a case is nearly due (as H4's blue)."""
_SMALL = {"class": "form-select form-select-sm"}


class CaseFilter(django_filters.FilterSet):
    """`as_of` is the day that limits are compared with."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Case number, project or company")}
        ),
    )
    standing = django_filters.ChoiceFilter(
        choices=[("live", _("Not closed")), *Case.Standing.choices, ("all", _("All"))],
        method="by_standing",
        label=_("Status"),
        empty_label=None,
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    clock = django_filters.ChoiceFilter(
        choices=[
            ("over", _("Over the time limit")),
            ("soon", _("Nearly due")),
            ("late", _("Not taken up or reported in time")),
            ("extended", pgettext_lazy("case", "Extended")),
        ],
        method="by_clock",
        label=_("Time limit"),
        empty_label=_("Any time limit"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    authority = django_filters.ModelChoiceFilter(
        queryset=Authority.objects.none(),
        label=pgettext_lazy("case", "Authority"),
        empty_label=_("All authorities"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    officer = django_filters.ModelChoiceFilter(
        queryset=get_user_model().objects.none(),
        label=pgettext_lazy("case", "Officer"),
        empty_label=_("All officers"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    region = RegionFilter(path="project__region")

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, data: Any, *, member: Member, as_of: dt.date, **kwargs: Any) -> None:
        self.as_of = as_of
        data = data.copy()
        data.setdefault("standing", "live")
        super().__init__(data, **kwargs)
        mine = Case.objects.visible_to(member).order_by()
        self.filters["region"].extra["choices"] = region_choices(member)
        self.filters["authority"].queryset = Authority.objects.filter(
            pk__in=mine.values("authority")
        ).order_by("region", "kind")
        self.filters["officer"].queryset = (
            get_user_model().objects.filter(pk__in=mine.values("officer")).order_by("username")
        )

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(reference__icontains=word)
                | Q(project__name__icontains=word)
                | Q(company__name__icontains=word)
                | Q(company__code__istartswith=word)
            )
        return queryset

    def by_standing(self, queryset: Any, name: str, value: str) -> Any:
        if value == "live":
            return queryset.live()
        return queryset if value == "all" else queryset.filter(standing=value)

    def by_clock(self, queryset: Any, name: str, value: str) -> Any:
        if value == "extended":
            return queryset.filter(extended_on__isnull=False)
        queryset = queryset.live()
        if value == "over":
            return queryset.filter(due_on__lt=self.as_of)
        if value == "late":
            return queryset.filter(Q(taken_by__lt=self.as_of) | Q(report_on__lt=self.as_of))
        soon = WorkingDays.load().add(self.as_of, SOON)
        return queryset.filter(due_on__gte=self.as_of, due_on__lte=soon)
