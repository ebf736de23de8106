"""What is asked before a personal number is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RevealForm(forms.Form):
    purpose = forms.CharField(
        label=_("Purpose"),
        min_length=4,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )
