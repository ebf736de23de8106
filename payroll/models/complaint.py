"""Complaints about wages: who complained, what was said, which project it is about, what was done.

What was said on the day of receipt stays (`Complaint`); everything that comes later is a step with
the day from which it was known (`ComplaintStep`), so that any past day can be judged again.
`project`, `region` and `standing` of a complaint repeat its latest steps (payroll/complaints.py).
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagewatch.months import MonthField
from wagewatch.vault import BlindIndexField, EncryptedField


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, member: Any) -> "ComplaintQuerySet":
        """Authorities those of their territory; companies only what was shared with them."""
        from projects import scope

        return scope.visible(self, member)

    def open(self) -> "ComplaintQuerySet":
        return self.exclude(standing__in=Complaint.CLOSED)


class Complaint(models.Model):
    """One complaint, for one person or more. Sums in CNY.

    Who complained is known to the authority alone: `name`, `phone`, `id_number` and `text` are
    encrypted, and no page, file or evidence that a company may see is made from them. `mark` is
    what makes it the same complaint when it is sent again.
    """

    class Channel(models.TextChoices):
        HOTLINE = "12345", _("Hotline 12345")
        PORTAL = "portal", _("Website")
        QR = "qr", _("QR code on site")
        VISIT = "visit", _("Visit")

    class Standing(models.TextChoices):
        WAITING = "waiting", _("Not decided yet")
        ACCEPTED = "accepted", _("Taken up")
        REFUSED = "refused", _("Not taken up")
        FORWARDED = "forwarded", _("Passed on")
        ANSWERED = "answered", _("Answered and closed")

    CLOSED = (Standing.REFUSED, Standing.ANSWERED)

    channel = models.CharField(max_length=8, choices=Channel)
    reference = models.CharField(
        max_length=60, blank=True, help_text="The number that the channel gave it"
    )
    mark = BlindIndexField(unique=True)
    received_on = models.DateField(help_text="The day from which the time limits count")
    id_type = models.CharField(max_length=2, blank=True)
    id_number = EncryptedField(blank=True, default="")
    id_hash = BlindIndexField(null=True)
    phone = EncryptedField(blank=True, default="")
    phone_hash = BlindIndexField(null=True)
    name = EncryptedField(blank=True, default="")
    people = models.PositiveIntegerField(default=1)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    first_month = MonthField(null=True)
    last_month = MonthField(null=True)
    site_name = models.CharField(max_length=200, blank=True, help_text="The project as stated")
    company_name = models.CharField(max_length=200, blank=True, help_text="The employer as stated")
    text = EncryptedField(blank=True, default="")
    from_public = models.BooleanField(
        default=False, help_text="From the page without sign-in: nobody has looked at it"
    )
    code_hash = BlindIndexField(null=True, help_text="Of the code with which it is looked up")
    feed_id = models.BigIntegerField(null=True)
    known_from = models.DateField()

    project = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, related_name="complaints"
    )
    region = models.ForeignKey("projects.Region", models.PROTECT, null=True, related_name="+")
    authority = models.ForeignKey(
        "projects.Authority", models.PROTECT, null=True, related_name="complaints"
    )
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.WAITING)
    shared_on = models.DateField(
        null=True, help_text="The day `shared_text` was shown to companies"
    )
    shared_text = models.CharField(max_length=1000, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(people__gte=1), name="complaint_of_somebody"),
            models.CheckConstraint(
                condition=Q(shared_on__isnull=False) | Q(shared_text=""),
                name="complaint_shared_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "received_on"]),
            models.Index(
                fields=["received_on"],
                condition=Q(standing__in=["waiting", "accepted", "forwarded"]),
                name="complaint_open",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What it is called on pages and in evidence; says neither when it came nor from whom."""
        return f"TS{self.pk:07d}"

    @property
    def is_closed(self) -> bool:
        return self.standing in self.CLOSED


class ComplaintStep(models.Model):
    """What was done with a complaint on a day: by a person (`user`) or as a feed tells.

    `on` is the day of the act, `known_from` the day from which it was known here. `note` is said to
    the complainant: the reason of a refusal, where to go, the result.
    """

    class Act(models.TextChoices):
        MATCHED = "matched", _("Project named")
        ACCEPTED = "accepted", _("Taken up")
        REFUSED = "refused", _("Not taken up")
        FORWARDED = "forwarded", _("Passed on")
        ANSWERED = "answered", _("Answered and closed")
        SHARED = "shared", _("Shown to the companies")

    DECISIONS = (Act.ACCEPTED, Act.REFUSED, Act.FORWARDED, Act.ANSWERED)
    ENDS = (Act.REFUSED, Act.ANSWERED)

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="steps")
    act = models.CharField(max_length=10, choices=Act)
    on = models.DateField()
    known_from = models.DateField()
    project = models.ForeignKey("projects.Project", models.PROTECT, null=True, related_name="+")
    authority = models.ForeignKey("projects.Authority", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    feed_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["complaint", "on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act="matched", project__isnull=False)
                | (~Q(act="matched") & Q(project__isnull=True)),
                name="complaint_match_names_a_project",
            )
        ]
        indexes = [models.Index(fields=["project", "known_from"])]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.act} {self.on}"


class ComplaintFile(models.Model):
    """A paper sent with a complaint; sealed under MEDIA_ROOT, `sha256` over the plain bytes."""

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="files")
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.filename
