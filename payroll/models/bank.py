"""Bank feeds: movements of dedicated accounts, the days they cover, and what each movement pays."""

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q

from wagewatch.months import MonthField
from wagewatch.vault import BlindIndexField


class BankStatement(models.Model):
    """What a feed says of one account as a whole: the days it covers and its balances (CNY).

    A bank CSV has no balances; it covers, for each account in it, the days up to its latest entry.
    `sequence` is the bank's running number of the statement. Whether one follows the other is the
    business of payroll/statements.py.
    """

    account = models.ForeignKey("projects.Account", models.CASCADE, related_name="statements")
    feed_id = models.BigIntegerField()
    reference = models.CharField(max_length=60, blank=True)
    sequence = models.IntegerField(null=True)
    from_date = models.DateField(null=True)
    to_date = models.DateField()
    opening = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    closing = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    known_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "feed_id", "reference", "to_date"], name="statement_once"
            )
        ]
        indexes = [models.Index(fields=["account", "to_date"])]

    def __str__(self) -> str:
        return f"{self.account_id} to {self.to_date}"


class BankEntryQuerySet(models.QuerySet["BankEntry"]):
    def owner_credits(self, as_of: dt.date) -> "BankEntryQuerySet":
        """Labour cost that the owner paid in, as known on `as_of`; not what the bank took back."""
        back = BankEntry.objects.filter(returns=OuterRef("pk"), known_from__lte=as_of)
        return self.filter(~Exists(back), kind=BankEntry.Kind.OWNER_CREDIT, known_from__lte=as_of)


class BankEntry(models.Model):
    """One movement of one account. `amount` > 0 in CNY; `is_credit` gives the direction.

    `kind` follows from counterparty and sign, never from free text alone (matching.py). A payment
    that came back is two rows: the payment, and a RETURN with the same reference or one of its own
    that names it in `returns`. Of a batch that the bank booked in one sum and showed in details,
    each detail is an entry and `batch` the reference of the sum, which is no entry itself.
    """

    class Kind(models.TextChoices):
        OWNER_CREDIT = "owner", "建设单位拨付"
        WAGE = "wage", "工资发放"
        RETURN = "return", "退汇"
        OTHER_CREDIT = "credit", "其他收入"
        OTHER_DEBIT = "debit", "其他支出"

    account = models.ForeignKey(
        "projects.Account", models.PROTECT, related_name="entries", db_index=False
    )
    reference = models.CharField(max_length=80)
    end_to_end = models.CharField(
        max_length=80, blank=True, help_text="The payer's own reference (EndToEndId)"
    )
    batch = models.CharField(max_length=80, blank=True)
    is_return = models.BooleanField(default=False)
    implied = models.BooleanField(
        default=False, help_text="A payment that so far only its return has shown"
    )
    kind = models.CharField(max_length=10, choices=Kind, blank=True)
    booked_on = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    is_credit = models.BooleanField()
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_hash = BlindIndexField(null=True)
    counterparty_masked = models.CharField(max_length=12, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    return_reason = models.CharField(max_length=200, blank=True)
    returns = models.ForeignKey(
        "self", models.DO_NOTHING, db_constraint=False, null=True, related_name="returned_by"
    )
    feed_id = models.BigIntegerField()
    row = models.IntegerField(null=True)
    known_from = models.DateField()

    objects = BankEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "bank entries"
        constraints = [
            models.UniqueConstraint(fields=["account", "reference", "is_return"], name="entry_once")
        ]
        indexes = [
            models.Index(fields=["account", "booked_on"]),
            models.Index(
                fields=["account", "booked_on"], condition=Q(kind="owner"), name="entry_owner"
            ),
            models.Index(
                fields=["account", "booked_on"], condition=Q(kind="debit"), name="entry_debit"
            ),
            models.Index(fields=["account", "batch"], condition=~Q(batch=""), name="entry_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.amount}"


class PaymentMatch(models.Model):
    """Which wage a bank entry pays: an engagement's wage of a month worked.

    `amount` is negative for a return. The sum over one entry never exceeds the entry. Tied to the
    claim and not to a sheet line, so that a corrected sheet keeps what was paid. `known_from` is
    the day from which both the entry and a line of the claim were known.
    """

    class Method(models.TextChoices):
        REFERENCE = "reference", "流水号"
        AMOUNT = "amount", "账号和金额"
        ACCOUNT = "account", "账号"
        NAME = "name", "户名和金额"

    entry = models.ForeignKey(BankEntry, models.CASCADE, related_name="matches", db_index=False)
    engagement = models.ForeignKey(
        "projects.Engagement",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="payments",
    )
    month = MonthField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    booked_on = models.DateField()
    is_return = models.BooleanField(default=False)
    method = models.CharField(max_length=10, choices=Method)
    known_from = models.DateField()

    class Meta:
        verbose_name_plural = "payment matches"
        constraints = [
            models.UniqueConstraint(fields=["entry", "engagement", "month"], name="match_once")
        ]
        indexes = [
            models.Index(fields=["engagement", "month"]),
            models.Index(fields=["engagement"], condition=Q(is_return=True), name="match_return"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} -> {self.engagement_id} {self.month}"
