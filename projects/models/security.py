"""What secures the wages of a project: dedicated account, deposit, payment guarantee, notice board.

Reg. 26-27 (农民工工资专用账户), 32 (工资保证金), 24 (工程款支付担保), 34 (维权信息告示牌).
"""

from django.db import models

from wagewatch.known import Known


class AccountStatus(models.TextChoices):
    OPEN = "open", "正常"
    FROZEN = "frozen", "冻结"
    CLOSED = "closed", "销户"


class AccountFacts(models.Model):
    bank_code = models.CharField(max_length=20, blank=True)
    bank_name = models.CharField(max_length=100, blank=True)
    open_date = models.DateField(null=True)
    close_date = models.DateField(null=True)
    agreement_date = models.DateField(null=True)
    status = models.CharField(max_length=10, choices=AccountStatus, default=AccountStatus.OPEN)

    class Meta:
        abstract = True


class Account(AccountFacts):
    """A dedicated wage account: newest values; AccountVersion has them by day known.

    A corporate account number is not a person's number: it is kept readable, as banks and
    inspectors write it.
    """

    number = models.CharField(max_length=40, unique=True)
    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="accounts")

    def __str__(self) -> str:
        return self.number


class AccountVersion(AccountFacts, Known):
    account = models.ForeignKey(Account, models.CASCADE, related_name="versions")
    feed_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "known_from"], name="account_version_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} from {self.known_from}"


class Security(Known):
    class Kind(models.TextChoices):
        DEPOSIT = "deposit", "工资保证金"
        GUARANTEE = "guarantee", "工程款支付担保"

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="securities")
    kind = models.CharField(max_length=10, choices=Kind)
    form = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    issuer = models.CharField(max_length=100, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    feed_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "securities"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "issuer", "valid_from", "known_from"],
                name="security_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id}"


class NoticeBoard(Known):
    """The rights notice board on site, as the `sites` feed recorded it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="notice_boards")
    date = models.DateField(null=True)
    photo_reference = models.CharField(max_length=200, blank=True)
    feed_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "known_from"], name="notice_board_day")
        ]

    def __str__(self) -> str:
        return f"board of {self.project_id}"
