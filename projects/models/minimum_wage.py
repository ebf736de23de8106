"""Minimum wages 最低工资标准 by region and date (劳动法 48; 最低工资规定)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MinimumWage(models.Model):
    """What a region's minimum wage is from a day on: CNY a month of full work, CNY an hour of
    part-time work, and which of the province's tiers it is.

    Rows are never changed: a correction is a row of the same region and day that became known
    later, so that what was judged by the former value can be judged again. `known_from` is the day
    on which it was entered here.
    """

    class Standing(models.TextChoices):
        PUBLISHED = "published", _("read in the published text")
        REPORTED = "reported", _("to be confirmed with the published text")

    region = models.ForeignKey("projects.Region", models.PROTECT, related_name="minimum_wages")
    valid_from = models.DateField()
    monthly = models.DecimalField(max_digits=8, decimal_places=2)
    hourly = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    document = models.CharField(max_length=200)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.PUBLISHED)
    known_from = models.DateField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        ordering = ["region", "-valid_from", "-known_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "valid_from", "known_from"], name="minimum_wage_day"
            ),
            models.CheckConstraint(condition=Q(monthly__gt=0), name="minimum_wage_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.monthly} from {self.valid_from}"
