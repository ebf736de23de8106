"""What is asked of a new key, and of a call that is tried."""

import ipaddress
import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from payroll.gateway import methods
from payroll.models import GatewayKey
from projects.models import Company, Project
from wagewatch import identity

_TEXT = {"class": "form-control"}


class KeyForm(forms.Form):
    vendor = forms.CharField(
        label=_("Vendor of the software"),
        min_length=2,
        max_length=100,
        widget=forms.TextInput(attrs=dict(_TEXT)),
    )
    company = forms.CharField(
        label=_("Credit code of the company it pushes for"),
        max_length=18,
        widget=forms.TextInput(attrs=dict(_TEXT)),
    )
    projects = forms.CharField(
        label=_("Project codes, one on each line"),
        widget=forms.Textarea(attrs={**_TEXT, "rows": 3}),
    )
    methods = forms.MultipleChoiceField(
        label=_("Methods (none chosen: all)"),
        required=False,
        widget=forms.SelectMultiple(attrs={"class": "form-select", "size": 6}),
    )
    addresses = forms.CharField(
        label=_("Allowed addresses or networks (empty: any)"),
        required=False,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 2}),
    )
    calls_per_minute = forms.IntegerField(
        label=_("Calls in a minute"),
        min_value=1,
        max_value=100_000,
        initial=600,
        widget=forms.NumberInput(attrs=dict(_TEXT)),
    )
    keep_photos = forms.BooleanField(
        label=_("Keep photographs"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, reach: "QuerySet[Project]", **kwargs: Any) -> None:
        """`reach`: the projects that the administrator may give."""
        super().__init__(*args, **kwargs)
        self.reach = reach
        fields: dict[str, Any] = self.fields
        fields["methods"].choices = [(name, name) for name in methods.methods()]

    def clean_company(self) -> Company:
        code = identity.normalise(self.cleaned_data["company"])
        found = Company.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("No company with this credit code is registered."))
        return found

    def clean_projects(self) -> list[Project]:
        codes = set(self.cleaned_data["projects"].replace(",", " ").split())
        found = list(self.reach.filter(code__in=codes))
        if unknown := codes - {project.code for project in found}:
            shown = ", ".join(sorted(unknown))
            raise forms.ValidationError(_("Unknown projects: %(codes)s"), params={"codes": shown})
        return found

    def clean_addresses(self) -> list[str]:
        given = self.cleaned_data["addresses"].replace(",", " ").split()
        try:
            return [str(ipaddress.ip_network(text, strict=False)) for text in given]
        except ValueError as error:
            raise forms.ValidationError(_("Not an address or network.")) from error


class TryForm(forms.Form):
    key = forms.ModelChoiceField(
        GatewayKey.objects.none(),
        label=_("Key"),
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    method = forms.ChoiceField(
        label=_("Method"), widget=forms.Select(attrs={"class": "form-select"})
    )
    data = forms.CharField(  # type: ignore[assignment]
        label="data",
        required=False,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 8, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, own: "QuerySet[GatewayKey]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["key"].queryset = own
        fields["method"].choices = [(name, name) for name in methods.methods()]

    def clean_data(self) -> dict[str, Any]:
        try:
            data = json.loads(self.cleaned_data["data"] or "{}")
        except ValueError as error:
            raise forms.ValidationError(_("Not valid JSON.")) from error
        if not isinstance(data, dict):
            raise forms.ValidationError(_("It must be a JSON object."))
        return data
