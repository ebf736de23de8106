"""Whether the ledger of arrears agrees to the cent with sheets and payments, check by check."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagewatch.months import MonthField


class Reconciliation(models.Model):
    """One check of the whole city as known on a day (payroll/reconciliation.py)."""

    as_of = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    cycles = models.IntegerField(help_text="Cycles compared")
    entries = models.IntegerField(help_text="Bank entries compared with their matches")
    workers = models.IntegerField(help_text="Rows of the ledger compared")
    owed = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="What the raw rows say is overdue (CNY)"
    )
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.as_of}: {self.cycles} cycles"


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def visible_to(self, member: Any) -> "DifferenceQuerySet":
        from projects import scope

        return scope.visible(self, member)

    def standing(self) -> "DifferenceQuerySet":
        """Of the last check: what is wrong now."""
        last = Reconciliation.objects.order_by("-pk").values("pk")[:1]
        return self.filter(reconciliation__in=last)


class Difference(models.Model):
    """One figure that is not what the raw rows say. `held` stands in the table, `raw` follows from
    sheet lines, payment matches and cash confirmations; sums in CNY, people counted."""

    class Kind(models.TextChoices):
        DUE = "due", _("Cycle: due")
        PAID = "paid", _("Cycle: paid")
        UNPAID = "unpaid", _("Cycle: unpaid")
        PEOPLE = "people", _("Cycle: workers unpaid")
        LEDGER = "ledger", _("Ledger: owed")
        LEDGER_PEOPLE = "rows", _("Ledger: workers owed")
        WORKERS = "workers", _("Ledger: workers with another sum")
        ACCOUNT = "account", _("Account: matched beyond its entries")

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=10, choices=Kind)
    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    employer = models.ForeignKey("projects.Company", models.CASCADE, null=True, related_name="+")
    month = MonthField(null=True)
    account = models.ForeignKey("projects.Account", models.CASCADE, null=True, related_name="+")
    held = models.DecimalField(max_digits=18, decimal_places=2)
    raw = models.DecimalField(max_digits=18, decimal_places=2)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["project", "employer", "month", "kind"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.held} instead of {self.raw}"
