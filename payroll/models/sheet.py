"""Pay sheets 工资支付表 (Reg. 31): project x employer x month; a correction is a new version."""

from django.db import models
from django.db.models import Q

from wagewatch.known import Known
from wagewatch.months import MonthField
from wagewatch.vault import BlindIndexField


class Sheet(Known):
    """One version of a pay sheet. `known_until` is the day a newer version was received.

    `people` counts distinct workers; `gross`, `deductions` and `net` are CNY over all its lines.
    """

    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="sheets")
    employer = models.ForeignKey("projects.Company", models.PROTECT, related_name="+")
    month = MonthField()
    version = models.PositiveSmallIntegerField(default=1)
    feed = models.ForeignKey("payroll.Feed", models.PROTECT, related_name="sheets")
    people = models.IntegerField(default=0)
    gross = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    deductions = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    net = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        ordering = ["project", "employer", "month", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "employer", "month", "version"], name="sheet_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.employer_id} {self.month} v{self.version}"


class SheetLine(models.Model):
    """One worker on one sheet. One database foreign key only: see performance.md.

    `worked_month` is the month the wage is for: the sheet's, or backPayMonth of a back-pay line.
    A back-pay line settles that month; it adds to what is due only where the worker has no
    ordinary line for it. A line paid in cash (`is_cash`, with its reason) counts as paid only when
    the worker has confirmed it (docs/decisions/0006).
    """

    # line_once and the claim index begin with them: no index of their own.
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="lines", db_index=False)
    engagement = models.ForeignKey(
        "projects.Engagement",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="lines",
    )
    row = models.IntegerField(help_text="Row in the file")
    worked_month = MonthField()
    days = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    hours = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    gross = models.DecimalField(max_digits=12, decimal_places=2)
    deductions = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    card_hash = BlindIndexField(null=True)
    confirmed_on = models.DateField(null=True)
    is_back_pay = models.BooleanField(default=False)
    third_code = models.CharField(max_length=50, blank=True)
    is_cash = models.BooleanField(default=False)
    cash_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "engagement", "worked_month"], name="line_once"
            )
        ]
        indexes = [
            models.Index(fields=["engagement", "worked_month"]),
            models.Index(
                fields=["card_hash", "worked_month"],
                condition=Q(card_hash__isnull=False),
                name="line_card",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.row} of sheet {self.sheet_id}"
