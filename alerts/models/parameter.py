"""A rule's parameter set by a region from a day on, and the document it rests on."""

from django.conf import settings
from django.db import models


class RuleParameter(models.Model):
    """Overrides the default that the rule's class carries. The value nearest to the project wins:
    town over county over city; among those, the latest `valid_from` <= the day evaluated."""

    rule = models.CharField(max_length=4)
    name = models.CharField(max_length=40)
    region = models.ForeignKey("projects.Region", models.PROTECT)
    valid_from = models.DateField()
    value = models.DecimalField(max_digits=14, decimal_places=2)
    document = models.CharField(max_length=200)
    backtest = models.ForeignKey(
        "alerts.Backtest",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The trial on the history that it rests on",
    )
    untried_reason = models.CharField(
        max_length=300, blank=True, help_text="Why it was set without a trial"
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "name", "region", "valid_from"], name="parameter_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}.{self.name} = {self.value} from {self.valid_from}"
