"""Replays of the past that are asked for, run in the background, and kept: backtests of rules and
measures of the forecast."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class RunQuerySet(models.QuerySet[Any]):
    def visible_to(self, member: Any) -> "RunQuerySet":
        from projects import scope

        return scope.of_territory(self, member)

    def done(self) -> "RunQuerySet":
        return self.filter(finished_at__isnull=False)


class Run(models.Model):
    """Who asked, over which territory and days, how far it is, and what came out.

    `work` is the background work whose row is the truth about its life; empty for a run of the
    command line. `territory` is the region whose projects are replayed. `first` to `last` are the
    days, both included.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    territory = models.ForeignKey("projects.Region", models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    work = models.ForeignKey("wagewatch.Work", models.SET_NULL, null=True, related_name="+")
    days_done = models.IntegerField(default=0)
    days_total = models.IntegerField(default=0)
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    seconds = models.FloatField(default=0)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-pk"]

    @property
    def answer(self) -> dict[str, Any]:
        """The result of a run that is done."""
        assert self.result is not None
        return dict(self.result)

    @property
    def state(self) -> str:
        if self.finished_at is not None:
            return self.State.DONE
        if self.work is None:
            return self.State.RUNNING
        return self.State(self.work.status)

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)

    @property
    def is_open(self) -> bool:
        """Its page asks again for progress."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        return 100 * self.days_done // self.days_total if self.days_total else 0


class Backtest(Run):
    """A rule on the history, as it is and with other values (alerts/backtest)."""

    class Step(models.TextChoices):
        DAY = "day", _("Every day")
        WEEK = "week", _("Every seventh day")

    rule = models.CharField(max_length=4)
    values = models.JSONField(default=dict, help_text="Parameter -> value tried")
    region = models.ForeignKey(
        "projects.Region",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="For which the values are tried; empty: everywhere",
    )
    step = models.CharField(max_length=4, choices=Step, default=Step.DAY)
    projects = models.JSONField(default=list, help_text="Codes; empty: all of the territory")

    class Meta(Run.Meta):
        indexes = [models.Index(fields=["rule", "-id"], name="backtest_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {self.tried} {self.first} - {self.last}"

    @property
    def tried(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self.values.items())

    def days(self) -> list[dt.date]:
        """The days replayed: each, or each seventh and the last."""
        every = 1 if self.step == self.Step.DAY else 7
        count = (self.last - self.first).days + 1
        days = [self.first + dt.timedelta(n) for n in range(0, count, every)]
        return days if days[-1] == self.last else [*days, self.last]


class ForecastMeasure(Run):
    """How near the forecasts of past paydays came (alerts/forecast/accuracy.py)."""

    def __str__(self) -> str:
        return f"{self.first} - {self.last}"
