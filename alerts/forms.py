"""What an inspector fills in: a dismissal, an order to correct."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wagewatch.calendars import WorkingDays

DAY = dt.timedelta(days=1)
DISMISSAL_DAYS = 30
LONGEST_DISMISSAL = 365


def _date(**extra: Any) -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )
    until = forms.DateField(label=_("Until (inclusive)"), widget=_date())

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["until"].initial = today + DISMISSAL_DAYS * DAY
        self.fields["until"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST_DISMISSAL * DAY).isoformat(),
        }

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        if not self.today <= until <= self.today + LONGEST_DISMISSAL * DAY:
            raise forms.ValidationError(_("Choose a day from today on, at most a year ahead."))
        return until


class NoticeForm(forms.Form):
    """`due_on` defaults to the working days that the settings name."""

    due_on = forms.DateField(label=_("Correct by"), widget=_date())

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        days = settings.NOTICE_DUE_WORKING_DAYS
        self.fields["due_on"].initial = WorkingDays.load().add(today, days)
        self.fields["due_on"].widget.attrs["min"] = (today + DAY).isoformat()

    def clean_due_on(self) -> dt.date:
        due: dt.date = self.cleaned_data["due_on"]
        if due <= self.today:
            raise forms.ValidationError(_("The day to correct by must be after today."))
        return due
