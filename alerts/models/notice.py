"""Notices served on companies: numbered without gaps, kept as issued."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models


class NoticeIsFixed(TypeError):
    """A notice was issued: neither it nor its lines can be changed or deleted."""


class FixedQuerySet(models.QuerySet[Any]):
    """Rows that are written once."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise NoticeIsFixed(f"{self.model.__name__} rows are never changed")

    def delete(self) -> NoReturn:
        raise NoticeIsFixed(f"{self.model.__name__} rows are never deleted")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NoticeIsFixed(f"{self.model.__name__} rows are never changed")


class Fixed(models.Model):
    """Base of rows that are written once."""

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NoticeIsFixed(f"{type(self).__name__} {self.pk} is never changed")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NoticeIsFixed(f"{type(self).__name__} {self.pk} is never deleted")


class NoticeSeries(models.Model):
    """The last number given for an authority, type and year. Locked while a notice is issued."""

    authority = models.ForeignKey("projects.Authority", models.PROTECT)
    type = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "notice series"
        constraints = [
            models.UniqueConstraint(fields=["authority", "type", "year"], name="series_once")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.year}: {self.last}"


class NoticeQuerySet(FixedQuerySet):
    def visible_to(self, member: Any) -> "NoticeQuerySet":
        from projects import scope

        return scope.visible(self, member)


class Notice(Fixed):
    """A document with legal force, as issued: the PDF's bytes are in the sealed `file`, and
    `sha256` is over the plain PDF. Never changed or deleted.

    `project` is the one that most of the sums are about; `warnings` name them all.
    """

    type = models.CharField(max_length=20)
    authority = models.ForeignKey("projects.Authority", models.PROTECT, related_name="notices")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=100)
    document_number = models.CharField(max_length=60, unique=True)
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="notices")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="notices")
    warnings = models.ManyToManyField("alerts.Warning", related_name="notices")
    issued_on = models.DateField()
    due_on = models.DateField()
    workers = models.IntegerField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    facts = models.JSONField(help_text="What the document says, as data")
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField(auto_now_add=True)

    objects = NoticeQuerySet.as_manager()

    class Meta(Fixed.Meta):
        abstract = False
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "type", "year", "number"], name="notice_number"
            )
        ]

    def __str__(self) -> str:
        return self.document_number


class NoticeLine(Fixed):
    """One worker's sum in the annex of a notice (CNY)."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="lines")
    engagement = models.ForeignKey("projects.Engagement", models.PROTECT, related_name="+")
    months = models.CharField(max_length=200)
    due = models.DecimalField(max_digits=14, decimal_places=2)
    paid = models.DecimalField(max_digits=14, decimal_places=2)
    owed = models.DecimalField(max_digits=14, decimal_places=2)

    objects = FixedQuerySet.as_manager()

    class Meta(Fixed.Meta):
        abstract = False
        ordering = ["notice", "pk"]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.engagement_id} {self.owed}"
