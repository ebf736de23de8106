"""The form of a column map in the administration: one line per column, no JSON."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payroll import column_maps, feeds
from payroll.feeds import mapped
from payroll.models import ColumnMap

WORDS = ("debit_words", "credit_words", "booked_words", "returned_words")
_HELP = _(
    "One line for each column: field = heading, or field = heading | other heading. Fields of a "
    "bank: %(names)s. The account may stand above the table."
)
_WORDS_HELP = _("Separated by spaces.")


class ColumnMapForm(forms.ModelForm):
    """`columns` becomes `headings`; what is said of the bank's way of writing, `options`."""

    kind = forms.ChoiceField(label=_("Kind of feed"))
    columns = forms.CharField(
        label=_("Columns"), widget=forms.Textarea(attrs={"rows": 14, "cols": 60})
    )
    sign = forms.ChoiceField(
        label=_("Debit or credit"),
        required=False,
        choices=[
            ("direction", _("A column says it in words")),
            ("columns", _("A debit and a credit column")),
            ("signed", _("The sign of the amount")),
        ],
    )
    negative = forms.ChoiceField(
        label=_("A negative amount is"),
        required=False,
        choices=[("debit", _("A debit")), ("credit", _("A credit"))],
    )
    decimal = forms.ChoiceField(
        label=_("Decimal sign"), required=False, choices=[(".", "1,234.50"), (",", "1.234,50")]
    )
    date_format = forms.CharField(
        label=_("Date format"),
        required=False,
        help_text=_(
            "Like %d/%m/%Y; empty for the usual ones (2026-03-05, 20260305, 2026年3月5日)."
        ),
    )
    debit_words = forms.CharField(
        label=_("Words for a debit"), required=False, help_text=_WORDS_HELP
    )
    credit_words = forms.CharField(
        label=_("Words for a credit"), required=False, help_text=_WORDS_HELP
    )
    booked_words = forms.CharField(
        label=_("Words for booked"), required=False, help_text=_WORDS_HELP
    )
    returned_words = forms.CharField(
        label=_("Words for returned"), required=False, help_text=_WORDS_HELP
    )

    class Meta:
        model = ColumnMap
        fields = ("name", "kind", "bank_code", "company", "active")
        labels = {
            "name": _("Name"),
            "bank_code": _("Bank code"),
            "company": _("Company"),
            "active": _("In use"),
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        kind: Any = self.fields["kind"]
        kind.choices = [(name, name) for name in feeds.kinds()]
        self.fields["columns"].help_text = _HELP % {"names": ", ".join(mapped.NAMES)}
        if self.instance.pk:
            self.initial["columns"] = "\n".join(
                f"{name} = {' | '.join([texts] if isinstance(texts, str) else texts)}"
                for name, texts in self.instance.headings.items()
            )
            for name, value in self.instance.options.items():
                self.initial[name] = " ".join(value) if name in WORDS else value
        else:
            self.initial.setdefault("kind", "bank")

    def clean_columns(self) -> dict[str, list[str]]:
        headings: dict[str, list[str]] = {}
        for line in self.cleaned_data["columns"].splitlines():
            name, sign, texts = line.replace("＝", "=").partition("=")
            if not line.strip():
                continue
            written = [text.strip() for text in re.split(r"[|｜]", texts) if text.strip()]
            if not sign or not written:
                raise forms.ValidationError(
                    _("“%(line)s” is not of the form field = heading."), params={"line": line[:80]}
                )
            headings[name.strip()] = written
        return headings

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind, headings = data.get("kind", ""), data.get("columns")
        if headings is None:
            return data
        options = dict(self.instance.options)
        if kind == "bank":
            options = {n: data[n] for n in mapped.OPTIONS if n not in WORDS and data.get(n)}
            options |= {n: re.split(r"[\s,，、]+", data[n].strip()) for n in WORDS if data.get(n)}
        wrong = column_maps.problems(kind, headings, options)
        if wrong:
            self.add_error(
                "columns",
                forms.ValidationError(
                    _("Missing or unknown: %(names)s."), params={"names": ", ".join(wrong)}
                ),
            )
        self.instance.headings, self.instance.options = headings, options
        return data
