"""What a worker said of a line of a pay sheet: right, or disputed (Reg. 31: the worker signs).

Sheet lines are facts as received and never change; the worker's word stands here.
"""

from django.db import models

from wagewatch.known import Known
from wagewatch.months import MonthField


class Confirmation(Known):
    """One answer to one line, given once with its link. `amount` is the line's net wage (CNY).

    `known_until` is the day on which the worker answered a later version of the same line (same
    engagement, month of the sheet and month worked). A confirmed line in cash is a payment
    received: it stays while a corrected sheet has no answer yet (docs/decisions/0006).
    """

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", "已确认"
        DISPUTED = "disputed", "有异议"

    line = models.OneToOneField("payroll.SheetLine", models.PROTECT, related_name="confirmation")
    engagement = models.ForeignKey(
        "projects.Engagement", models.PROTECT, related_name="confirmations", db_index=False
    )
    sheet_month = MonthField()
    worked_month = MonthField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    is_cash = models.BooleanField(default=False)
    verdict = models.CharField(max_length=10, choices=Verdict)
    text = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True, help_text="Where the answer came from")

    class Meta:
        indexes = [models.Index(fields=["engagement", "worked_month"])]

    def __str__(self) -> str:
        return f"line {self.line_id} {self.verdict}"
