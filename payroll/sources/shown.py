"""Fields, sources and values as people read them."""

from collections.abc import Iterable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from payroll.sources import fields
from projects import labels
from projects.models import Company, Region
from wagewatch.bilingual import Text

_CODED: dict[str, labels.Labels] = {
    "industry": labels.INDUSTRY,
    "status": labels.PROJECT_STATUS,
    "role": labels.ROLE,
}


class Names:
    """Shows the texts of fields; companies and regions by name. Two queries for any number."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        texts = list(texts)
        companies = {text for field, text in texts if field in fields.COMPANIES and text}
        regions = {text for field, text in texts if field == "region" and text}
        self._companies = dict(
            Company.objects.filter(code__in=companies).values_list("code", "name")
        )
        self._regions = Region.objects.in_bulk(regions)

    def show(self, field: str, text: str) -> str:
        """The value in the reader's language."""
        if field in fields.COMPANIES and text:
            name = self._companies.get(text, "")
            return f"{name} {text}" if name else text
        if field == "region" and text in self._regions:
            return f"{self._regions[text].name} {text}"
        if field == "government_funded" and text:
            return _("Yes") if text == "1" else _("No")
        if field in ("contract_amount", "labour_cost_monthly") and text:
            return f"{fields.value_of(field, text):,.2f}"
        return str(_CODED.get(field, {}).get(text, text))

    def both(self, field: str, text: str) -> Text:
        """The value in both languages."""
        return in_both(lambda: self.show(field, text))


def in_both(said: Any) -> Text:
    """What `said()` gives in Chinese and in English."""
    with translation.override("zh-hans"):
        zh = str(said())
    with translation.override("en"):
        return Text(zh, str(said()))


def source(code: str) -> Text:
    return in_both(lambda: labels.SOURCE.get(code, code))
