"""Who said what of a project: each value with its source and day, what differs, what was decided.

ProjectVersion and Party hold what *holds* and are all that rules read. These tables say why it
holds: payroll/sources turns them into versions (docs/decisions/0009-sources.md).
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from projects.models.project import Party
from wagewatch.known import Known, KnownQuerySet


class Source(models.TextChoices):
    """Whose data a registry feed is (Reg. 38: the departments that share data)."""

    REFORM = "reform", "发展改革（投资项目在线审批监管平台）"
    HOUSING = "housing", "住房和城乡建设"
    TRANSPORT = "transport", "交通运输"
    WATER = "water", "水利"
    HRSS = "hrss", "人力资源和社会保障"
    CONTRACTOR = "contractor", "施工单位"
    UNKNOWN = "unknown", "来源未注明"


class SourcedQuerySet(KnownQuerySet["FieldValue"]):
    def visible_to(self, member: Any) -> "SourcedQuerySet":
        from projects import scope

        return scope.visible(self, member)  # type: ignore[no-any-return]


class Subject(models.Model):
    """What a value is about: the project itself, or a company in a role on it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    company = models.ForeignKey("projects.Company", models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=10, choices=Party.Role, blank=True)
    field = models.CharField(max_length=30, help_text="Of ProjectFacts, or of Party")

    class Meta:
        abstract = True


class FieldValue(Subject, Known):
    """One value that one source told of one field, between the day it was first told and the day
    that source told another. A source that repeats itself adds no row; an empty cell says nothing.

    `value` is text (ISO dates, decimals, codes; a company by its credit code); empty when the
    source withdrew what it had said. `holds`: the value in force, of the source it is taken from.
    """

    source = models.CharField(max_length=10, choices=Source)
    value = models.CharField(max_length=200, blank=True)
    feed_id = models.BigIntegerField(null=True)
    holds = models.BooleanField(default=False)

    objects = SourcedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index(fields=["project"], name="field_value_project"),
            models.Index(
                fields=["value"],
                condition=Q(field__in=["approval_number", "permit_number"]),
                name="field_value_paper",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.project_id}: {self.value} ({self.source})"


class Telling(models.Model):
    """That a feed told of a project or party, and of which fields (bits in the order of
    payroll/sources/fields.py). A repeat adds no FieldValue, yet a file of an earlier day that is
    loaded late must know of it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    company_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=10, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    feed_id = models.BigIntegerField()
    on = models.DateField()
    fields = models.IntegerField()

    def __str__(self) -> str:
        return f"feed {self.feed_id} of {self.project_id}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def visible_to(self, member: Any) -> "ConflictQuerySet":
        from projects import scope

        return scope.visible(self, member)

    def open(self) -> "ConflictQuerySet":
        return self.filter(standing=Conflict.Standing.OPEN)


class Conflict(Subject):
    """A field of which sources say different things today. It goes when they agree.

    `values` has what each source says: {source: {"value", "on", "feed"}}.
    """

    class Standing(models.TextChoices):
        OPEN = "open", "待核定"
        RULE = "rule", "按职责采用"
        DECIDED = "decided", "已核定"

    standing = models.CharField(max_length=8, choices=Standing)
    opened_on = models.DateField(help_text="Since when the sources differ")
    held_value = models.CharField(max_length=200, blank=True)
    held_source = models.CharField(max_length=10, choices=Source)
    values = models.JSONField(default=dict)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "field"],
                condition=Q(company__isnull=True),
                name="one_conflict_per_field",
            ),
            models.UniqueConstraint(
                fields=["project", "company", "role", "field"],
                condition=Q(company__isnull=False),
                name="one_conflict_per_party_field",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-opened_on", "-id"], condition=Q(standing="open"), name="conflict_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.project_id}: {self.standing}"


class FieldDecision(Subject):
    """A person's word on a conflict: this source's value holds, from `on` until it is undone or a
    source tells yet another value. `seen` is what the sources said when it was taken."""

    source = models.CharField(max_length=10, choices=Source)
    value = models.CharField(max_length=200)
    seen = models.JSONField()
    reason = models.CharField(max_length=500)
    on = models.DateField()
    at = models.DateTimeField()
    after_feed = models.BigIntegerField(help_text="The newest feed then: its place in that day")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_on = models.DateField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="field_decision_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.project_id}: {self.value}"
