"""A company's answer to a warning, the papers it rests on, and what became of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, member: Any) -> "AnswerQuerySet":
        """A company sees its own answers alone; authorities those of their territory."""
        from projects import scope

        return scope.visible(self, member)

    def waiting(self) -> "AnswerQuerySet":
        return self.filter(standing=Answer.Standing.WAITING)


class Answer(models.Model):
    """What one company says about one warning. An explanation 说明 says what is being done, and by
    when; a dispute 异议 says that the warning is wrong, and why (the right to state and defend,
    Administrative Penalty Law 44). Allowed steps are in alerts/answers.py."""

    class Kind(models.TextChoices):
        EXPLANATION = "explanation", _("Explanation")
        DISPUTE = "dispute", _("Dispute")

    class Standing(models.TextChoices):
        WAITING = "waiting", _("Waiting for the authority")
        NOTED = "noted", _("Noted")
        UPHELD = "upheld", _("Dispute upheld")
        REFUSED = "refused", _("Dispute refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    warning = models.ForeignKey("alerts.Warning", models.PROTECT, related_name="answers")
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=2000)
    promised_on = models.DateField(
        null=True, blank=True, help_text="By when it is to be put right, as the company says"
    )
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.WAITING)
    withdrawn_on = models.DateField(null=True, blank=True, help_text="None from this day on")
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    remark = models.CharField(max_length=500, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=["waiting", "withdrawn"], decided_on__isnull=True)
                | Q(standing__in=["noted", "upheld", "refused"], decided_on__isnull=False),
                name="answer_decided_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(standing="withdrawn", withdrawn_on__isnull=False)
                | (~Q(standing="withdrawn") & Q(withdrawn_on__isnull=True)),
                name="answer_withdrawn_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["warning", "company", "kind"],
                condition=Q(standing="waiting"),
                name="answer_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.company_id} to {self.warning_id}"

    @property
    def waits(self) -> bool:
        return self.standing == self.Standing.WAITING


class AnswerFile(models.Model):
    """A paper sent with an answer; sealed under MEDIA_ROOT, `sha256` over the plain bytes."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="files")
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.filename
