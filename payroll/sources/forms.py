"""A person's decision on one conflict, and the filters of the list of conflicts."""

import json
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payroll.sources import fields
from payroll.sources.deciding import seen_of
from projects.filters import RegionFilter, region_choices
from projects.labels import FIELD, SOURCE, STANDING
from projects.models import Conflict, Member

_SMALL = {"class": "form-select form-select-sm"}


class DecisionForm(forms.Form):
    """`choices` are (source, what it says); `seen` carries what the person was shown."""

    source = forms.ChoiceField(label=_("Which value is right?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reasons (the companies and departments read them)"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        conflict: Conflict,
        choices: list[tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(data, prefix=f"conflict-{conflict.pk}")
        named: Any = self.fields["source"]
        named.choices = choices or [(source, source) for source in SOURCE]
        self.fields["seen"].initial = json.dumps(seen_of(conflict), sort_keys=True)

    def clean_seen(self) -> dict[str, str]:
        try:
            seen = json.loads(self.cleaned_data["seen"])
        except ValueError as error:
            raise forms.ValidationError(_("Load the page again.")) from error
        return seen if isinstance(seen, dict) else {}


class ConflictFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": _("Project, company or code")}
        ),
    )
    standing = django_filters.ChoiceFilter(
        choices=[*STANDING.items(), ("all", _("All"))],
        method="by_standing",
        label=_("Status"),
        empty_label=None,
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    region = RegionFilter(path="project__region")
    field = django_filters.ChoiceFilter(
        choices=[(name, FIELD[name]) for name in (*fields.PROJECT, *fields.PARTY)],
        label=_("Field"),
        empty_label=_("All fields"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    source = django_filters.ChoiceFilter(
        choices=list(SOURCE.items()),
        method="by_source",
        label=_("Source"),
        empty_label=_("All sources"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )

    class Meta:
        model = Conflict
        fields: list[str] = []

    def __init__(self, data: Any, *, member: Member, **kwargs: Any) -> None:
        data = data.copy()
        data.setdefault("standing", Conflict.Standing.OPEN)
        super().__init__(data, **kwargs)
        self.filters["region"].extra["choices"] = region_choices(member)

    def by_standing(self, queryset: Any, name: str, value: str) -> Any:
        return queryset if value == "all" else queryset.filter(standing=value)

    def by_source(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(values__has_key=value)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(project__name__icontains=word)
                | Q(project__code__istartswith=word)
                | Q(project__contractor__name__icontains=word)
                | Q(company__name__icontains=word)
            )
        return queryset
