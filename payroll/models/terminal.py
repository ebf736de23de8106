"""Time-clock terminals, and whose number is whose: their logs name neither project nor ID number.

A log's punches of a number that nobody is mapped to wait; they become attendance days when it is.
"""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


class TerminalQuerySet(models.QuerySet["Terminal"]):
    def visible_to(self, member: Any) -> "TerminalQuerySet":
        from projects import scope

        return scope.visible(self, member)  # type: ignore[no-any-return]


class Terminal(models.Model):
    """One time clock on one project. `company`: the subcontractor that runs it, none for the
    general contractor's. `clock_offset`: minutes to add to what its clock shows to get Beijing time
    (a clock set to another zone)."""

    serial = models.CharField(
        max_length=32, validators=[RegexValidator(r"^[0-9A-Za-z]+(-[0-9A-Za-z]+)*\Z")]
    )
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="terminals")
    company = models.ForeignKey(
        "projects.Company", models.PROTECT, null=True, blank=True, related_name="terminals"
    )
    name = models.CharField(max_length=100, blank=True)
    clock_offset = models.SmallIntegerField(
        default=0, help_text=_("Minutes to add to the terminal's clock to get Beijing time")
    )

    objects = TerminalQuerySet.as_manager()

    class Meta:
        ordering = ["project", "serial"]
        constraints = [
            models.UniqueConstraint(Upper("serial"), name="terminal_serial_once"),
            models.CheckConstraint(
                condition=Q(clock_offset__gte=-1440, clock_offset__lte=1440),
                name="terminal_clock_offset_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class TerminalUser(models.Model):
    """A user number of a terminal. `worker` is whose it is, none while nobody has said;
    `known_from` the day on which it was said."""

    terminal = models.ForeignKey(Terminal, models.CASCADE, related_name="users")
    number = models.CharField(max_length=24)
    worker = models.ForeignKey(
        "projects.Worker", models.PROTECT, null=True, related_name="terminal_numbers"
    )
    known_from = models.DateField(null=True)

    class Meta:
        ordering = ["terminal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["terminal", "number"], name="terminal_user_once"),
            models.CheckConstraint(
                condition=Q(worker__isnull=True, known_from__isnull=True)
                | Q(worker__isnull=False, known_from__isnull=False),
                name="terminal_user_known_when_mapped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal_id} {self.number}"


class WaitingPunches(models.Model):
    """How many punches of a number that nobody is mapped to a feed holds; gone once it is."""

    feed = models.ForeignKey("payroll.Feed", models.CASCADE, related_name="waiting")
    user = models.ForeignKey(TerminalUser, models.CASCADE, related_name="waiting")
    punches = models.IntegerField()
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "user"], name="waiting_punches_once")
        ]

    def __str__(self) -> str:
        return f"feed {self.feed_id} user {self.user_id}: {self.punches}"
