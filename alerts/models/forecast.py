"""The forecast of each project's coming payday, as of the last day judged."""

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagewatch.months import MonthField


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def visible_to(self, member: Any) -> "ForecastQuerySet":
        from projects import scope

        return scope.visible(self, member)


class Forecast(models.Model):
    """Will the money be there? Sums in CNY; the meaning of each is in alerts/forecast/__init__.py.

    Kept like Cycle: one row for each project with a payday ahead, replaced when its project is
    judged. `needed` and `shortfall` are null where they cannot be known; `reasons` says why.
    `data` is what the explanation is made from.
    """

    class Confidence(models.IntegerChoices):
        UNKNOWN = 0, _("Unknown")
        LOW = 1, _("Low")
        MEDIUM = 2, _("Medium")
        HIGH = 3, _("High")

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="forecast")
    as_of = models.DateField()
    payday = models.DateField()
    month = MonthField()
    provisional = models.BooleanField(default=False)
    needed = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    balance = models.DecimalField(max_digits=16, decimal_places=2)
    expected = models.DecimalField(max_digits=16, decimal_places=2)
    shortfall = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    least = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    most = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    rank = models.DecimalField(
        max_digits=16, decimal_places=2, help_text="For sorting: the shortfall; -1 when unknown"
    )
    confidence = models.PositiveSmallIntegerField(choices=Confidence)
    employers = models.IntegerField()
    sheets_missing = models.IntegerField()
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "payday", "pk"]
        indexes = [
            models.Index(fields=["-rank", "payday", "id"], name="forecast_rank"),
            models.Index(fields=["payday", "-rank", "id"], name="forecast_payday"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.payday}: {self.shortfall}"
