"""What is asked before a personal number is shown, and of a new API token."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RevealForm(forms.Form):
    purpose = forms.CharField(
        label=_("Purpose"),
        min_length=4,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        min_length=2,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("1 year"))],
        coerce=int,
        initial=90,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    may_write = forms.BooleanField(
        label=_("May send feeds, not only read"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
