"""Indicators of a company's health that departments share (Reg. 38): feed `indicators`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagewatch.known import Known
from wagewatch.months import MonthField


class Indicator(Known):
    """One value of one company for one whole month: consumption, CNY, or points.

    A month without a row is not known; it is not zero.
    """

    class Kind(models.TextChoices):
        ELECTRICITY = "electricity", _("Electricity")
        WATER = "water", _("Water")
        GAS = "gas", _("Gas")
        TAX = "tax", _("Tax paid")
        INSURANCE = "insurance", _("Social insurance paid")
        CREDIT = "credit", _("Credit score")

    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="indicators")
    kind = models.CharField(max_length=12, choices=Kind)
    month = MonthField()
    value = models.DecimalField(max_digits=16, decimal_places=2)
    feed_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "month", "known_from"], name="indicator_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.kind} {self.month}"
