"""What an inspector fills in (a dismissal, an order to correct, a decision on an answer) and what a
company does (an answer)."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alerts.models import Answer, Backtest
from alerts.rules.base import Rule
from projects.minimum_wages import HIGHEST, LOWEST
from projects.models import Region
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


class ParameterForm(forms.Form):
    """A new value of one parameter of a rule; regions are those of the member's territory."""

    name = forms.ChoiceField(
        label=_("Parameter"), widget=forms.Select(attrs={"class": "form-select"})
    )
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label=_("Region"),
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    value = forms.IntegerField(
        label=_("Value"), widget=forms.NumberInput(attrs={"class": "form-control"})
    )
    valid_from = forms.DateField(label=_("Holds from"), widget=_date())
    document = forms.CharField(
        label=_("Document it rests on"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    reason = forms.CharField(
        label=_("Why without a trial (when the value was not tried on the history)"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def __init__(self, data: Any = None, *, rule: Rule, regions: Any, today: dt.date) -> None:
        super().__init__(data)
        self.rule, self.today = rule, today
        fields: dict[str, Any] = self.fields
        fields["name"].choices = [(param.name, str(param.label)) for param in rule.params]
        fields["region"].queryset = regions
        fields["valid_from"].initial = today
        fields["valid_from"].widget.attrs["min"] = today.isoformat()

    def clean_valid_from(self) -> dt.date:
        day: dt.date = self.cleaned_data["valid_from"]
        if day < self.today:
            raise forms.ValidationError(_("Choose a day from today on."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        param = next((p for p in self.rule.params if p.name == data.get("name")), None)
        value = data.get("value")
        if param and value is not None and not param.minimum <= value <= param.maximum:
            bounds = {"low": param.minimum, "high": param.maximum}
            self.add_error("value", _("Between %(low)s and %(high)s.") % bounds)
        return data


class BacktestForm(forms.Form):
    """A rule to try on the history: one field `p_<name>` for each of its parameters, empty for the
    value in force. `days` is the span that is offered."""

    region = forms.ModelChoiceField(
        Region.objects.none(),
        label=_("Set for"),
        required=False,
        empty_label=_("everywhere"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    first = forms.DateField(label=_("From"), widget=_date())
    last = forms.DateField(label=_("To"), widget=_date())
    step = forms.ChoiceField(
        label=_("Days judged"),
        choices=Backtest.Step.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(
        self, data: Any = None, *, rule: Rule, regions: Any, today: dt.date, days: int
    ) -> None:
        super().__init__(data)
        self.rule, self.today = rule, today
        fields: dict[str, Any] = self.fields
        fields["region"].queryset = regions
        fields["first"].initial, fields["last"].initial = today - days * DAY, today
        fields["last"].widget.attrs["max"] = today.isoformat()
        own = {
            f"p_{param.name}": forms.IntegerField(
                label=str(param.label),
                required=False,
                min_value=param.minimum,
                max_value=param.maximum,
                widget=forms.NumberInput(
                    attrs={"class": "form-control", "placeholder": str(param.default)}
                ),
            )
            for param in rule.params
        }
        self.fields = own | fields

    @property
    def values(self) -> dict[str, int]:
        """The parameters to try."""
        return {
            param.name: value
            for param in self.rule.params
            if (value := self.cleaned_data.get(f"p_{param.name}")) is not None
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and not first <= last <= self.today:
            self.add_error("last", _("The days must be in order, and none after today."))
        elif first and last and (last - first).days > LONGEST_TRIAL:
            self.add_error("first", _("At most three years."))
        if self.rule.live and self.rule.params and not self.values and not self.errors:
            self.add_error(None, _("Name at least one value to try."))
        return data


LONGEST_TRIAL = 3 * 365
MOST_PAPERS = 5
LARGEST_PAPER = 20 << 20


class PapersInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PapersField(forms.FileField):
    """Any number of files up to MOST_PAPERS, each up to LARGEST_PAPER bytes."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(PapersField, self).clean(one, initial) for one in data or []]
        if len(files) > MOST_PAPERS:
            raise forms.ValidationError(_("At most %(most)s files."), params={"most": MOST_PAPERS})
        if any(one.size > LARGEST_PAPER for one in files):
            raise forms.ValidationError(
                _("A file may have at most %(limit)s MB."), params={"limit": LARGEST_PAPER >> 20}
            )
        return files


class AnswerForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Your answer"), choices=Answer.Kind.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("What you say"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )
    promised_on = forms.DateField(
        label=_("Put right by (for an explanation)"), required=False, widget=_date()
    )
    papers = PapersField(
        label=_("Papers (bank receipts, contracts, photographs)"),
        required=False,
        widget=PapersInput(attrs={"class": "form-control"}),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["kind"].initial = Answer.Kind.EXPLANATION
        self.fields["promised_on"].widget.attrs["min"] = today.isoformat()

    def clean_promised_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["promised_on"]
        if day and day < self.today:
            raise forms.ValidationError(_("Choose a day from today on."))
        return day


class DecisionForm(forms.Form):
    """On one answer: an explanation is noted, a dispute upheld or refused with reasons."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    remark = forms.CharField(
        label=_("Reasons (the company reads them)"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )
    until = forms.DateField(
        label=_("If upheld, set the warning aside until"), required=False, widget=_date()
    )

    def __init__(self, data: Any = None, *, answer: Answer, today: dt.date) -> None:
        super().__init__(data, prefix=f"answer-{answer.pk}")
        self.today = today
        self.disputed = answer.kind == Answer.Kind.DISPUTE
        choices = [("uphold", _("Uphold")), ("refuse", _("Refuse"))]
        fields: dict[str, Any] = self.fields
        fields["decision"].choices = choices if self.disputed else [("note", _("Note"))]
        fields["decision"].initial = None if self.disputed else "note"
        fields["until"].initial = today + DISMISSAL_DAYS * DAY
        if not self.disputed:
            del fields["until"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        until = data.setdefault("until", None)
        if self.disputed and not data.get("remark", "").strip():
            self.add_error("remark", _("Give the reasons."))
        if data.get("decision") == "uphold" and not (
            until and self.today <= until <= self.today + LONGEST_DISMISSAL * DAY
        ):
            self.add_error("until", _("Choose a day from today on, at most a year ahead."))
        return data


class MinimumWageForm(forms.Form):
    """A published minimum wage of a region of the member's territory. Days that have passed may be
    entered: it held from the day published, and is known from today."""

    region = forms.ModelChoiceField(
        Region.objects.none(),
        label=_("Region"),
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    valid_from = forms.DateField(label=_("Holds from"), widget=_date())
    monthly = forms.DecimalField(
        label=_("A month (CNY)"),
        min_value=LOWEST,
        max_value=HIGHEST,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "0.01"}),
    )
    hourly = forms.DecimalField(
        label=_("An hour (CNY)"),
        required=False,
        min_value=1,
        max_value=500,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "0.01"}),
    )
    tier = forms.IntegerField(
        label=_("Tier"),
        required=False,
        min_value=1,
        max_value=9,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    document = forms.CharField(
        label=_("Document it rests on"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def __init__(self, data: Any = None, *, regions: Any) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["region"].queryset = regions
