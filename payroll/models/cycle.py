"""The facts of every pay cycle (project x employer x month), as known on one day."""

from django.db import models

from wagewatch.months import MonthField


class Payday(models.Model):
    """The payday of a month for each agreed pay day (1-28), by the official calendar (Reg. 14).

    Kept as a table so that facts are computed inside the database. `provisional`: the State
    Council has not announced that year's calendar yet.
    """

    month = MonthField()
    pay_day = models.PositiveSmallIntegerField()
    date = models.DateField()
    sheet_due = models.DateField()
    provisional = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "pay_day"], name="payday_once")]

    def __str__(self) -> str:
        return f"{self.month} {self.pay_day} -> {self.date}"


class CycleQuerySet(models.QuerySet["Cycle"]):
    def with_sheet(self) -> "CycleQuerySet":
        return self.filter(sheet__isnull=False)

    def unpaid(self) -> "CycleQuerySet":
        """Something of the sheet is not paid, whether or not the payday has come."""
        return self.filter(sheet__isnull=False, unpaid__gt=0)


class Cycle(models.Model):
    """Facts of one pay cycle as known on `as_of`. Sums in CNY; people are distinct workers.

    due = what the current sheet (and back pay of workers on no ordinary line) promises;
    paid = booked and not returned; unpaid = the sum over workers of max(0, due - paid).
    `disbursed` is what the owner credited to the project's account in the month (the same for
    each employer on the project).
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="cycles", db_index=False
    )
    employer = models.ForeignKey("projects.Company", models.CASCADE, related_name="+")
    month = MonthField()
    as_of = models.DateField()
    payday = models.DateField()
    sheet_due = models.DateField()
    provisional = models.BooleanField(default=False)
    attended_people = models.IntegerField(default=0)
    attended_days = models.IntegerField(default=0)
    last_attended = models.DateField(null=True)
    sheet = models.ForeignKey("payroll.Sheet", models.CASCADE, null=True, related_name="+")
    sheet_received = models.DateField(null=True)
    sheet_people = models.IntegerField(default=0)
    due = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    disbursed = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    paid = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    paid_people = models.IntegerField(default=0, help_text="Workers paid in full")
    returned = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    unpaid = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    unpaid_people = models.IntegerField(default=0)
    last_paid_on = models.DateField(null=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["project", "employer", "month"]
        constraints = [
            models.UniqueConstraint(fields=["project", "employer", "month"], name="cycle_once")
        ]
        indexes = [models.Index(fields=["project", "month"])]

    def __str__(self) -> str:
        return f"{self.project_id} {self.employer_id} {self.month}"
