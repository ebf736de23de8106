"""What every app stands on: the audit trail, the official calendar, background work."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act of one person: who, when, what, on which thing. Written once, never changed."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=50)
    thing = models.CharField(max_length=50)
    thing_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["thing", "thing_id"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.thing} {self.thing_id}"


class CalendarDay(models.Model):
    """An official holiday or make-up workday that the shipped calendar does not know yet.

    Entered by an administrator from the State Council's yearly notice; wins over the library.
    """

    date = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    name = models.CharField(max_length=50, blank=True)
    source = models.CharField(max_length=200, help_text="The notice it rests on")

    def __str__(self) -> str:
        return f"{self.date} {'workday' if self.is_workday else 'rest'}"


class CalendarNotice(models.Model):
    """The State Council's notice of a year's holidays, as an administrator entered it: from then on
    the year counts as announced. Its days are CalendarDay rows; `text` is what was pasted."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    document = models.CharField(max_length=200)
    text = models.TextField()
    entered_on = models.DateField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    def __str__(self) -> str:
        return f"{self.year}"


class Work(models.Model):
    """A piece of background work. This row, not the queue, is the truth (see work.py)."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    function = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"],
                name="work_open",
                condition=models.Q(status__in=["waiting", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.function} {self.status}"
