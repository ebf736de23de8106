"""A construction project, what was known of it when, and the parties on it.

Project holds the newest values, for pages and look-ups. ProjectVersion holds every value with the
days between which it was known: rules read versions, so that any past day can be judged again.
"""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q

from wagewatch.known import Known, KnownQuerySet, known_on


class Industry(models.TextChoices):
    HOUSING = "housing", "房屋建筑"
    MUNICIPAL = "municipal", "市政公用"
    TRANSPORT = "transport", "交通运输"
    WATER = "water", "水利"
    OTHER = "other", "其他"


class ProjectStatus(models.TextChoices):
    """Dictionary prjStatus of 建办市〔2018〕81号."""

    PREPARING = "001", "筹备"
    APPROVED = "002", "立项"
    BUILDING = "003", "在建"
    COMPLETED = "004", "完工"
    SUSPENDED = "005", "停工"


class ProjectFacts(models.Model):
    """What the `projects` feed says of a project. Sums in CNY with two places."""

    name = models.CharField(max_length=200)
    region = models.ForeignKey("projects.Region", models.PROTECT, related_name="+")
    industry = models.CharField(max_length=10, choices=Industry, default=Industry.OTHER)
    owner = models.ForeignKey("projects.Company", models.PROTECT, related_name="+", null=True)
    contractor = models.ForeignKey("projects.Company", models.PROTECT, related_name="+")
    approval_number = models.CharField(max_length=50, blank=True)
    permit_number = models.CharField(max_length=50, blank=True)
    permit_date = models.DateField(null=True)
    contract_date = models.DateField(null=True)
    contract_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    labour_cost_monthly = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    disbursement_cycle_days = models.PositiveSmallIntegerField(null=True)
    pay_day = models.PositiveSmallIntegerField(default=15)
    deposit_ratio = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    government_funded = models.BooleanField(default=False)
    start_date = models.DateField(null=True)
    complete_date = models.DateField(null=True)
    status = models.CharField(max_length=3, choices=ProjectStatus, default=ProjectStatus.BUILDING)
    longitude = models.DecimalField(max_digits=10, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=10, decimal_places=6, null=True)

    class Meta:
        abstract = True


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, member: Any) -> "ProjectQuerySet":
        from projects import scope

        return scope.visible(self, member)


class Project(ProjectFacts):
    code = models.CharField(max_length=32, unique=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(pay_day__range=(1, 28)), name="project_pay_day")
        ]
        indexes = [models.Index(fields=["region", "industry"])]

    def __str__(self) -> str:
        return self.name


class ProjectVersionQuerySet(KnownQuerySet["ProjectVersion"]):
    def active_on(self, day: dt.date) -> Any:
        """Under construction on `day`, by what was known on that day."""
        return self.filter(
            known_on(day),
            Q(start_date__isnull=True) | Q(start_date__lte=day),
            Q(complete_date__isnull=True) | Q(complete_date__gt=day),
            status=ProjectStatus.BUILDING,
        )


class ProjectVersion(ProjectFacts, Known):
    project = models.ForeignKey(Project, models.CASCADE, related_name="versions")
    feed_id = models.BigIntegerField(null=True)

    objects = ProjectVersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "known_from"], name="project_version_day")
        ]

    def __str__(self) -> str:
        return f"{self.project_id} from {self.known_from}"

    def is_active(self, day: dt.date) -> bool:
        """Under construction on `day`, of a version known on it (`active_on` in Python)."""
        return (
            self.status == ProjectStatus.BUILDING
            and (self.start_date is None or self.start_date <= day)
            and (self.complete_date is None or self.complete_date > day)
        )


class Party(Known):
    """A company on a project (feed `participants`)."""

    class Role(models.TextChoices):
        OWNER = "owner", "建设单位"
        GENERAL = "general", "施工总承包单位"
        SUB = "sub", "分包单位"

    project = models.ForeignKey(Project, models.CASCADE, related_name="parties")
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="parties")
    role = models.CharField(max_length=10, choices=Role)
    parent = models.ForeignKey("projects.Company", models.PROTECT, null=True, related_name="+")
    entry_date = models.DateField(null=True)
    exit_date = models.DateField(null=True)
    feed_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "company", "role", "known_from"], name="party_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.role} on {self.project_id}"
