"""Column maps: how the files of one bank or one company name the columns that the product reads.

An administrator saves one where the standard headings are not found; no code is written for it.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q


class ColumnMapQuerySet(models.QuerySet["ColumnMap"]):
    def active(self, kind: str = "") -> "ColumnMapQuerySet":
        found = self.filter(active=True)
        return found.filter(kind=kind) if kind else found

    def for_sender(self, company_id: int | None) -> "ColumnMapQuerySet":
        """Everybody's, and those of the sending company."""
        return self.filter(Q(company__isnull=True) | Q(company=company_id))


class ColumnMap(models.Model):
    """The headings of one layout of one kind of feed (`bank`, `payroll`, ...).

    `headings`: field name -> heading, or a list of headings. `options` depend on the kind; of a
    bank: `date_format`, `decimal`, `sign`, `debit_words`, `credit_words`, `returned_words`
    (payroll/feeds/mapped.py). `company` is whose layout it is, none for everybody's; `bank_code`
    the bank's.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    company = models.ForeignKey(
        "projects.Company", models.CASCADE, null=True, blank=True, related_name="column_maps"
    )
    bank_code = models.CharField(max_length=20, blank=True)
    headings = models.JSONField(default=dict)
    options = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)

    objects = ColumnMapQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "company", "name"], name="column_map_once"),
            models.UniqueConstraint(
                fields=["kind", "name"],
                condition=Q(company__isnull=True),
                name="column_map_once_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

    def clean(self) -> None:
        if not _is_headings(self.headings):
            raise ValidationError({"headings": "field name -> heading or list of headings"})
        if not isinstance(self.options, dict):
            raise ValidationError({"options": "an object"})


def _is_headings(value: Any) -> bool:
    """A non-empty object whose values are texts or lists of texts."""
    if not isinstance(value, dict) or not value:
        return False
    texts = [text for v in value.values() for text in (v if isinstance(v, list) else [v])]
    return bool(texts) and all(isinstance(text, str) and text.strip() for text in texts)
