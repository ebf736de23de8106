"""A feed: one file or call as it came, who sent it, when, and what became of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from projects.models import Source


class FeedQuerySet(models.QuerySet["Feed"]):
    def accepted(self) -> "FeedQuerySet":
        return self.filter(status=Feed.Status.ACCEPTED)

    def open(self) -> "FeedQuerySet":
        """Not read to the end yet."""
        return self.filter(status__in=(Feed.Status.RECEIVED, Feed.Status.RUNNING))

    def visible_to(self, member: Any) -> "FeedQuerySet":
        """What the member's own organisation sent; authorities see what came for their territory
        from anybody of it (by the projects it touched)."""
        from projects import scope

        return scope.visible_feeds(self, member)


class Feed(models.Model):
    class Status(models.TextChoices):
        RECEIVED = "received", "已接收"
        RUNNING = "running", "处理中"
        ACCEPTED = "accepted", "已入库"
        REJECTED = "rejected", "已退回"
        DUPLICATE = "duplicate", "重复"

    kind = models.CharField(max_length=20, blank=True)
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.CharField(
        max_length=200, blank=True, help_text="Sealed copy under MEDIA_ROOT; empty for a call's"
    )
    call = models.OneToOneField(
        "payroll.GatewayCall",
        models.PROTECT,
        null=True,
        related_name="feed",
        help_text="The call of the real-name interface whose body this is",
    )
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    company = models.ForeignKey("projects.Company", models.PROTECT, null=True, related_name="+")
    terminal = models.ForeignKey(
        "payroll.Terminal",
        models.SET_NULL,
        null=True,
        related_name="feeds",
        help_text="Whose log the sender says this is; else the file's name tells",
    )
    source = models.CharField(
        max_length=10,
        choices=Source,
        blank=True,
        help_text="Whose data a registry feed is: named by the sender, else by who sent it",
    )
    channel = models.CharField(max_length=10, default="command")
    received_at = models.DateTimeField()
    received_on = models.DateField(help_text="The day from which its rows count as known")
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    rows = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    issues_total = models.IntegerField(default=0)
    progress = models.IntegerField(default=0, help_text="Rows read so far")
    finished_at = models.DateTimeField(null=True)
    projects = models.ManyToManyField("projects.Project", related_name="feeds")

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(status="accepted"), name="feed_accepted_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(status__in=["received", "running"], call__isnull=False),
                name="feed_open_call",
            )
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.RECEIVED, self.Status.RUNNING)


class FeedIssue(models.Model):
    """One thing said of one cell: an error (the feed was rejected) or a hint (it was not).

    `value` is masked where it is a personal number. `row` counts from 1 as the sender's program
    shows it.
    """

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="issues")
    severity = models.CharField(
        max_length=5, choices=[("error", "错误"), ("hint", "提示")], default="error"
    )
    sheet = models.CharField(max_length=100, blank=True)
    row = models.IntegerField(null=True)
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    values = models.JSONField(default=dict, help_text="Values for the message's placeholders")

    class Meta:
        ordering = ["feed", "pk"]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row} {self.column}: {self.code}"
