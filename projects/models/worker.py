"""Workers, their cards, and their engagements: a worker with an employer on a project."""

from django.db import models

from wagewatch import identity
from wagewatch.vault import BlindIndexField, EncryptedField


class Worker(models.Model):
    """A person. The ID number is encrypted; `id_hash` finds it."""

    id_type = models.CharField(max_length=2, default=identity.RESIDENT_ID)
    id_number = EncryptedField()
    id_hash = BlindIndexField(unique=True)
    name = models.CharField(max_length=100)
    phone = EncryptedField(blank=True, default="")

    def __str__(self) -> str:
        return self.name

    @property
    def masked_id(self) -> str:
        return identity.mask_id(self.id_number)


class WorkerCard(models.Model):
    """A bank card of a worker. `registered`: it stands in the real-name registry (feed `workers`),
    and not only on a pay sheet."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="cards")
    number = EncryptedField()
    number_hash = BlindIndexField(db_index=True)
    bank_name = models.CharField(max_length=100, blank=True)
    registered = models.BooleanField(default=False)
    known_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "number_hash"], name="worker_card")
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        return identity.mask_card(self.number)


class Engagement(models.Model):
    """A worker employed by a company on a project.

    `registered`: by the `workers` feed. One that attendance alone has shown is not registered,
    and stands under the general contractor, who answers for the site (Reg. 28).
    """

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="engagements", db_index=False)
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="engagements", db_index=False
    )
    employer = models.ForeignKey("projects.Company", models.PROTECT, related_name="engagements")
    team = models.CharField(max_length=100, blank=True)
    work_type = models.CharField(max_length=50, blank=True)
    contract_date = models.DateField(null=True)
    entry_date = models.DateField(null=True)
    exit_date = models.DateField(null=True)
    unit_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    registered = models.BooleanField(default=True)
    known_from = models.DateField()
    facts_from = models.DateField(
        null=True, help_text="The day the feed was received that these facts come from"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "worker", "employer"], name="engagement_once"
            )
        ]
        indexes = [models.Index(fields=["worker"]), models.Index(fields=["project", "employer"])]

    def __str__(self) -> str:
        return f"{self.worker_id} at {self.employer_id} on {self.project_id}"
