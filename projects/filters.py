"""The project list's filters, over rows that scope.py has already cut."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.labels import INDUSTRY, PROJECT_STATUS
from projects.models import Member, Project, Region
from projects.models.region import prefix_of

_SMALL = {"class": "form-select form-select-sm"}


def region_choices(member: Member) -> list[tuple[str, str]]:
    """The member's territory as an indented list, the widest first; companies get every region."""
    inside = "" if member.is_company or member.region is None else member.region.prefix
    depths = {6: 1, 9: 2}
    return [
        (region.code, "　" * depths.get(len(region.prefix), 0) + region.name)
        for region in Region.objects.filter(code__startswith=inside)
    ]


class RegionFilter(django_filters.ChoiceFilter):
    """A region stands for everything inside it. `path` leads to the project's region."""

    def __init__(self, *args: Any, path: str, **kwargs: Any) -> None:
        self.path = path
        kwargs.setdefault("label", _("Region"))
        kwargs.setdefault("empty_label", _("All regions"))
        kwargs.setdefault("widget", forms.Select(attrs=dict(_SMALL)))
        super().__init__(*args, **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(**{f"{self.path}__code__startswith": prefix_of(value)}) if value else qs


class ProjectFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Project, company or code")}
        ),
    )
    region = RegionFilter(path="region")
    industry = django_filters.ChoiceFilter(
        choices=list(INDUSTRY.items()),
        label=_("Sector"),
        empty_label=_("All sectors"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    status = django_filters.ChoiceFilter(
        choices=list(PROJECT_STATUS.items()),
        label=_("Status"),
        empty_label=_("Any status"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )

    class Meta:
        model = Project
        fields: list[str] = []

    def __init__(self, data: Any, *, member: Member, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.filters["region"].extra["choices"] = region_choices(member)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(name__icontains=word)
                | Q(code__istartswith=word)
                | Q(contractor__name__icontains=word)
                | Q(owner__name__icontains=word)
                | Q(contractor__code__istartswith=word)
            )
        return queryset
