"""The general contractor's word on a pay sheet: approved for payment, or returned (Reg. 31)."""

from django.conf import settings
from django.db import models


class Review(models.Model):
    """The standing of one version of a sheet; none while it waits. Acts are in payroll/review.py,
    their history is the audit trail."""

    class Status(models.TextChoices):
        APPROVED = "approved", "已审核"
        RETURNED = "returned", "已退回"

    sheet = models.OneToOneField("payroll.Sheet", models.PROTECT, related_name="review")
    status = models.CharField(max_length=10, choices=Status)
    remarks = models.CharField(max_length=500, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sheet {self.sheet_id} {self.status}"
