"""Staging: checked rows of a feed on their way in, deleted when it is committed or sent back.

Keyed by feed and running number; no other index and no foreign key, because rows are written once
and read once. On PostgreSQL the tables are UNLOGGED (migration): a crash may empty them.
"""

from django.db import models

from wagewatch.vault import EncryptedField


class Staged(models.Model):
    """`number` counts the rows of the feed; `row` and `sheet` are the place in the file."""

    pk = models.CompositePrimaryKey("feed_id", "number")
    feed_id = models.BigIntegerField()
    number = models.IntegerField()
    row = models.IntegerField()
    sheet = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True


class StagedDay(models.Model):
    """An attendance day of which there is a row already; instants in UTC."""

    pk = models.CompositePrimaryKey("feed_id", "number")
    feed_id = models.BigIntegerField()
    number = models.IntegerField()
    engagement_id = models.BigIntegerField()
    day = models.DateField()
    first_in = models.DateTimeField(null=True)
    last_out = models.DateTimeField(null=True)
    hours = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    punches = models.IntegerField()
    known_from = models.DateField()

    def __str__(self) -> str:
        return f"feed {self.feed_id} day {self.number}"


class StagedEntry(Staged):
    """A bank entry; `implied` is a payment that only its return has shown."""

    account_id = models.BigIntegerField()
    reference = models.CharField(max_length=80)
    end_to_end = models.CharField(max_length=80)
    batch = models.CharField(max_length=80, blank=True)
    is_return = models.BooleanField()
    implied = models.BooleanField()
    booked_on = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    is_credit = models.BooleanField()
    counterparty_name = models.CharField(max_length=200)
    counterparty_hash = models.UUIDField(null=True)
    counterparty_masked = models.CharField(max_length=12)
    purpose = models.CharField(max_length=300)
    return_reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"feed {self.feed_id} entry {self.number}"


class StagedWorker(Staged):
    """A row of the `workers` feed; personal numbers encrypted already."""

    project_id = models.BigIntegerField()
    employer_id = models.BigIntegerField()
    team = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    id_type = models.CharField(max_length=2)
    id_hash = models.UUIDField()
    id_number = EncryptedField()
    phone = EncryptedField(null=True)  # type: ignore[misc]
    work_type = models.CharField(max_length=50)
    contract_date = models.DateField(null=True)
    entry_date = models.DateField(null=True)
    exit_date = models.DateField(null=True)
    unit_price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    card_hash = models.UUIDField(null=True)
    card_number = EncryptedField(null=True)  # type: ignore[misc]
    bank_name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"feed {self.feed_id} worker {self.number}"
