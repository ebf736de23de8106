"""The upload history's filters, over feeds that scope.py has already cut."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from payroll.labels import KIND, STATUS
from payroll.models import Feed

_SMALL = {"class": "form-select form-select-sm"}


class FeedFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="filename",
        lookup_expr="icontains",
        label=_("Search"),
        widget=forms.SearchInput(attrs={"class": "form-control", "placeholder": _("File name")}),
    )
    status = django_filters.ChoiceFilter(
        choices=list(STATUS.items()),
        label=_("Status"),
        empty_label=_("Any status"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )
    kind = django_filters.ChoiceFilter(
        choices=list(KIND.items()),
        label=_("Kind"),
        empty_label=_("Any kind"),
        widget=forms.Select(attrs=dict(_SMALL)),
    )

    class Meta:
        model = Feed
        fields: list[str] = []
