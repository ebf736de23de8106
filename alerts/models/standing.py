"""The standing of a company: its score, what it is made of, and its history; inspections made."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagewatch.known import Known, KnownQuerySet


class StandingQuerySet(KnownQuerySet["Standing"]):
    def visible_to(self, member: Any) -> "StandingQuerySet":
        """A company sees its own alone; authorities those of companies in their territory."""
        from projects import scope

        return self.filter(company__in=scope.visible_companies(member))


class Standing(Known):
    """What a company's score was from `known_from` to `known_until`; a new row when it changes.

    `score` is 0 to 100; empty without a record. `reasons` is JSON: [{"factor": key, "weight": int,
    "lost": points lost with one place, "warnings": [ids], "notices": [ids]}], in the order of
    alerts/scoring.py. `deposit`: {"ratio": per cent or "", "why": key}, a proposal.
    """

    class Colour(models.TextChoices):
        RED = "red", _("Red")
        YELLOW = "yellow", _("Yellow")
        GREEN = "green", _("Green")
        NONE = "none", _("No record")

    company = models.ForeignKey("projects.Company", models.CASCADE, related_name="standings")
    score = models.PositiveSmallIntegerField(null=True)
    before = models.PositiveSmallIntegerField(null=True, help_text="The score it had before")
    colour = models.CharField(max_length=6, choices=Colour)
    reasons = models.JSONField(default=list)
    deposit = models.JSONField(default=dict)
    rank = models.PositiveSmallIntegerField(help_text="The score for sorting; 101 without a record")

    inspect_on = models.DateField(help_text="By when an inspection is proposed")

    objects = StandingQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["company", "-known_from"]
        constraints = [
            models.UniqueConstraint(fields=["company", "known_from"], name="standing_day"),
            models.CheckConstraint(
                condition=models.Q(score=None, colour="none") | models.Q(score__lte=100),
                name="standing_score",
            ),
        ]
        indexes = [
            models.Index(
                fields=["rank", "company"],
                condition=models.Q(known_until=None),
                name="standing_now",
            ),
            models.Index(
                fields=["inspect_on", "company"],
                condition=models.Q(known_until=None),
                name="standing_inspect",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.score} from {self.known_from}"

    @property
    def trend(self) -> int:
        """Points gained (or lost, negative) by the last change."""
        return 0 if self.score is None or self.before is None else self.score - self.before


class Inspection(models.Model):
    """An inspection of a company that an inspector has made."""

    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="inspections")
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "on", "by"], name="inspection_once")
        ]

    def __str__(self) -> str:
        return f"{self.company_id} on {self.on}"
