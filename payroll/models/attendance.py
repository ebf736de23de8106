"""Attendance: one row per worker, project and day, and a month summary kept by the pipeline."""

from django.db import models

from wagewatch.months import MonthField


class AttendanceDay(models.Model):
    """First in, last out, hours and punches of one day (a night shift belongs to the day it
    began). `known_from`: the day on which attendance of this day was first received."""

    engagement = models.ForeignKey(
        "projects.Engagement", models.CASCADE, related_name="attendance_days", db_index=False
    )
    day = models.DateField()
    first_in = models.DateTimeField(null=True)
    last_out = models.DateTimeField(null=True)
    hours = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    punches = models.PositiveSmallIntegerField(default=1)
    feed_id = models.BigIntegerField()
    known_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "day"], name="attendance_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.day}"


class AttendanceMonth(models.Model):
    """Days attended by one engagement in one month.

    `known_from` is the first, `settled_on` the last day on which one of its days became known: on
    D >= settled_on `days` is exact, on D < known_from nothing was known, and between the two the
    days themselves are counted.
    """

    engagement = models.ForeignKey(
        "projects.Engagement", models.CASCADE, related_name="attendance_months", db_index=False
    )
    month = MonthField()
    days = models.PositiveSmallIntegerField()
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    first_day = models.DateField()
    last_day = models.DateField()
    known_from = models.DateField()
    settled_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "month"], name="attendance_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.month}: {self.days}"
