"""Investigations 立案: what an authority does about warnings, from opening to closing."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseQuerySet(models.QuerySet["Case"]):
    def live(self) -> "CaseQuerySet":
        return self.exclude(standing=Case.Standing.CLOSED)

    def visible_to(self, member: Any) -> "CaseQuerySet":
        """Authorities see the cases of their territory; companies none."""
        from projects import scope

        return scope.visible(self, member)


class Case(models.Model):
    """An investigation of one company, opened on warnings (Labour inspection 17). The row says
    what holds now; CaseStep keeps what was done when, from which any past day can be told.

    `registry` is the authority that opened it and gave `number` (without gaps in a year);
    `authority` the one that has it now. `project` is the one that the case is filed under,
    `projects` all that it is about, `complaints` those that it answers. `due_on` is the last day of
    the investigation by the calendar known when it was counted last (alerts/escalation.py),
    `report_on` the day by which whoever handed the case over wants a report, `taken_by` the day by
    which it is to be taken up.
    """

    class Standing(models.TextChoices):
        OPEN = "open", _("Under investigation")
        HANDED = "handed", _("Handed over, not taken up yet")
        SUSPENDED = "suspended", pgettext_lazy("case", "Suspended")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    class Source(models.TextChoices):
        WARNING = "warning", pgettext_lazy("case", "Warning")
        COMPLAINT = "complaint", pgettext_lazy("case", "Complaint")
        INSPECTION = "inspection", pgettext_lazy("case", "Inspection")
        REFERRAL = "referral", _("Another body's referral")

    class Result(models.TextChoices):
        PAID = "paid", _("Wages paid")
        OBEYED = "obeyed", _("Order obeyed")
        POLICE = "police", _("Transferred to the police")
        COURT = "court", _("Brought to the court for enforcement")
        UNFOUNDED = "unfounded", _("Not established")

    registry = models.ForeignKey("projects.Authority", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=140, help_text="The number as people write it")
    authority = models.ForeignKey("projects.Authority", models.PROTECT, related_name="cases")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases"
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.WARNING)
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="cases")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="cases")
    projects = models.ManyToManyField("projects.Project", related_name="+")
    warnings = models.ManyToManyField("alerts.Warning", related_name="cases")
    complaints = models.ManyToManyField("payroll.Complaint", related_name="cases")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.OPEN)
    opened_on = models.DateField()
    extended_on = models.DateField(null=True, blank=True)
    approved_by = models.CharField(max_length=100, blank=True)
    due_on = models.DateField()
    taken_by = models.DateField(null=True, blank=True)
    report_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    result = models.CharField(max_length=10, choices=Result, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["registry", "year", "number"], name="case_number"),
            models.CheckConstraint(
                condition=Q(standing="closed", closed_on__isnull=False) & ~Q(result="")
                | ~Q(standing="closed") & Q(closed_on__isnull=True, result=""),
                name="case_closed_with_a_result",
            ),
            models.CheckConstraint(
                condition=Q(extended_on__isnull=True) | ~Q(approved_by=""),
                name="case_extended_with_approval",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=~Q(standing="closed"), name="case_due")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_live(self) -> bool:
        return self.standing != self.Standing.CLOSED


class CaseStep(models.Model):
    """One act on a case. `standing` and `authority` are those after it; `on` is the day acted on,
    `at` the clock. `due_on`: of a handing over, the day by which a report is asked for."""

    class Act(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Opened")
        LINK = "link", _("Warnings added")
        TAKE_IN = "take_in", _("Complaint taken in")
        ASSIGN = "assign", _("Officer named")
        NOTE = "note", _("Investigation step")
        EXTEND = "extend", pgettext_lazy("case", "Extended")
        SUSPEND = "suspend", pgettext_lazy("case", "Suspended")
        RESUME = "resume", _("Resumed")
        HAND_OVER = "hand_over", _("Handed over")
        TAKE_UP = "take_up", pgettext_lazy("case", "Taken up")
        SEND_BACK = "send_back", _("Sent back")
        REPORT = "report", pgettext_lazy("case", "Reported")
        CLOSE = "close", pgettext_lazy("case", "Closed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    act = models.CharField(max_length=10, choices=Act)
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    standing = models.CharField(max_length=10, choices=Case.Standing)
    authority = models.ForeignKey("projects.Authority", models.PROTECT, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["case", "pk"]
        indexes = [models.Index(fields=["on"])]

    def __str__(self) -> str:
        return f"{self.on} {self.act}"
