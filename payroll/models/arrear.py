"""The ledger of arrears: wages of one worker and month that are overdue, as known on one day."""

import datetime as dt
from typing import Any

from django.db import models

from wagewatch.calendars import DAY
from wagewatch.months import MonthField


class ArrearQuerySet(models.QuerySet["Arrear"]):
    def visible_to(self, member: Any) -> "ArrearQuerySet":
        """A subcontractor sees what it owes; a general contractor what is owed on its projects."""
        from projects import scope

        return scope.visible(self, member)


class Arrear(models.Model):
    """What one employer owes one worker for one month on one project, its payday having passed
    (Reg. 14). Sums in CNY: unpaid = due - paid > 0, of the claim (payroll/claims.py).

    Kept beside Cycle by each evaluation: over a cycle the rows add up to its `unpaid` and
    `unpaid_people`. `contractor` is the general contractor known on the day, who clears the arrears
    of its subcontractors first (Reg. 30). One database foreign key is kept: see performance.md.
    """

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="arrears")
    employer = models.ForeignKey(
        "projects.Company", models.DO_NOTHING, db_constraint=False, related_name="arrears"
    )
    contractor = models.ForeignKey(
        "projects.Company", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    engagement = models.ForeignKey(
        "projects.Engagement",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="arrears",
    )
    worker = models.ForeignKey(
        "projects.Worker", models.DO_NOTHING, db_constraint=False, related_name="arrears"
    )
    month = MonthField()
    as_of = models.DateField()
    payday = models.DateField()
    due = models.DecimalField(max_digits=12, decimal_places=2)
    paid = models.DecimalField(max_digits=12, decimal_places=2)
    unpaid = models.DecimalField(max_digits=12, decimal_places=2)

    objects = ArrearQuerySet.as_manager()

    class Meta:
        ordering = ["payday", "engagement"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "month"], name="arrear_once"),
            models.CheckConstraint(condition=models.Q(unpaid__gt=0), name="arrear_unpaid"),
        ]
        indexes = [
            models.Index(fields=["payday", "engagement"]),
            models.Index(fields=["-unpaid", "payday", "engagement"], name="arrear_unpaid_first"),
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.month}: {self.unpaid}"

    @property
    def since(self) -> dt.date:
        """The first day on which it was owed."""
        return self.payday + DAY

    def days(self, as_of: dt.date) -> int:
        """Days after the payday on `as_of`."""
        return max(0, (as_of - self.payday).days)
