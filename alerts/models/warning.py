"""Warnings: one per matter, with evidence, history and folding (rules.md)."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagewatch.months import MonthField


class Level(models.IntegerChoices):
    BLUE = 1, _("Blue")
    YELLOW = 2, _("Yellow")
    ORANGE = 3, _("Orange")
    RED = 4, _("Red")


class WarningQuerySet(models.QuerySet["Warning"]):
    def open(self) -> "WarningQuerySet":
        return self.filter(status=Warning.Status.OPEN)

    def unfolded(self) -> "WarningQuerySet":
        """Matters of their own: not hidden under the one that explains them."""
        return self.filter(folded_under__isnull=True)

    def visible_to(self, member: Any) -> "WarningQuerySet":
        from projects import scope

        return scope.visible(self, member)


class Warning(models.Model):
    """One matter: a rule, a project, the company it is about, the month worked.

    `since` is the day on which the fact became true by the rule's arithmetic; `opened_on` the day
    as of which the engine first saw it. `evidence` is what it was last judged by: see
    alerts/rules/base.py for its shape. `data_missing`: a feed the rule needs is stale, so that it
    asks for data instead of accusing; no notice can be served on it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLEARED = "cleared", _("Cleared")
        DISMISSED = "dismissed", _("Dismissed")

    rule = models.CharField(max_length=4)
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="warnings")
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="warnings")
    month = MonthField(null=True, blank=True)
    subject = models.CharField(max_length=80, blank=True)
    level = models.PositiveSmallIntegerField(choices=Level)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    data_missing = models.BooleanField(default=False)
    since = models.DateField()
    opened_on = models.DateField()
    cleared_on = models.DateField(null=True, blank=True)
    workers = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    folded_under = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="folded"
    )
    evidence = models.JSONField(default=dict)
    fingerprint = models.CharField(
        max_length=32, blank=True, help_text="Of what the evidence was made from"
    )
    dismissed_until = models.DateField(null=True, blank=True)
    internal = models.BooleanField(
        default=False, help_text="About an authority's own delay: companies never see it"
    )

    objects = WarningQuerySet.as_manager()

    class Meta:
        ordering = ["-level", "since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "project", "company", "month", "subject"],
                condition=Q(month__isnull=False),
                name="warning_once",
            ),
            models.UniqueConstraint(
                fields=["rule", "project", "company", "subject"],
                condition=Q(month__isnull=True),
                name="warning_once_no_month",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-level", "since", "id"], condition=Q(status="open"), name="warning_desk"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.project_id} {self.month or ''}"

    @property
    def own_level(self) -> int:
        """The level by the facts alone, before a rule raised it for want of an answer (H1)."""
        raised = (self.evidence or {}).get("raised")
        return int(raised["from"]) if raised else self.level


class WarningEvent(models.Model):
    """One step in a warning's history. `on` is the day evaluated (or acted on), `at` the clock.

    Engine's acts: opened, raised, lowered, cleared, reopened. People's acts: dismissed, restored,
    noticed (a notice was served), cased (a case was opened on it: companies are not shown this),
    answered, disputed, noted, upheld, refused (alerts/answers.py).
    """

    class Act(models.TextChoices):
        OPENED = "opened", _("Opened")
        RAISED = "raised", _("Raised")
        LOWERED = "lowered", _("Lowered")
        CLEARED = "cleared", _("Cleared")
        REOPENED = "reopened", _("Reopened")
        DISMISSED = "dismissed", _("Dismissed")
        RESTORED = "restored", _("Restored")
        NOTICED = "noticed", _("Notice served")
        CASED = "cased", _("Case opened")
        ANSWERED = "answered", _("Explained by the company")
        DISPUTED = "disputed", _("Disputed by the company")
        NOTED = "noted", _("Explanation noted")
        UPHELD = "upheld", _("Dispute upheld")
        REFUSED = "refused", _("Dispute refused")

    SHOWING = (Act.OPENED, Act.REOPENED, Act.RESTORED)
    """The acts by which the company comes to see the matter."""

    warning = models.ForeignKey(Warning, models.CASCADE, related_name="events")
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    act = models.CharField(max_length=10, choices=Act)
    level = models.PositiveSmallIntegerField(choices=Level)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    shown_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day on which the company could first see it, where that is after `on`",
    )

    class Meta:
        ordering = ["warning", "on", "pk"]
        indexes = [models.Index(fields=["on"])]

    def __str__(self) -> str:
        return f"{self.on} {self.act}"

    def seen_from(self, day: dt.date | None) -> "WarningEvent":
        """Itself, not saved: written on `day`, so that nobody saw the matter before."""
        if day and day > self.on and self.act in self.SHOWING:
            self.shown_on = day
        return self


class Evaluation(models.Model):
    """A run of the engine: as of which day, over how many projects, and what came of it."""

    as_of = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    projects = models.IntegerField()
    whole_city = models.BooleanField(default=False)
    opened = models.IntegerField(default=0)
    raised = models.IntegerField(default=0)
    cleared = models.IntegerField(default=0)
    reopened = models.IntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.as_of}: {self.opened} opened"
