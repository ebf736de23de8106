"""The national real-name interface: who may call it, and the calls that came."""

import ipaddress

from django.conf import settings
from django.db import models
from django.db.models import Q

from wagewatch.vault import EncryptedField


class GatewayKey(models.Model):
    """A vendor's key: 32 characters that sign its calls and encrypt its personal numbers.

    It speaks for one company: for all employers of a project where that company is general
    contractor, else for the company alone. `methods` and `addresses` (networks) empty: any.
    After a rotation the previous secret signs until `previous_until`; it is kept until the next
    rotation, because calls that wait may need it.
    """

    appid = models.CharField(max_length=40, unique=True)
    vendor = models.CharField(max_length=100)
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="+")
    projects = models.ManyToManyField("projects.Project", related_name="gateway_keys")
    methods = models.JSONField(default=list, blank=True)
    addresses = models.JSONField(default=list, blank=True)
    calls_per_minute = models.PositiveIntegerField(default=600)
    keep_photos = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    secret = EncryptedField()
    generation = models.PositiveIntegerField(default=1, help_text="Which secret it is, from 1")
    previous_secret = EncryptedField(blank=True, default="")
    previous_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.appid} ({self.vendor})"

    def allows(self, address: str) -> bool:
        """Whether calls may come from this address."""
        if not self.addresses:
            return True
        try:
            caller = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(caller in ipaddress.ip_network(n, strict=False) for n in self.addresses)

    def secret_of(self, generation: int) -> bytes:
        """The secret with which a call was signed; empty when it was rotated away twice."""
        if generation == self.generation:
            return self.secret.encode()
        return self.previous_secret.encode() if generation == self.generation - 1 else b""


class GatewayCall(models.Model):
    """One signed call. The unique key refuses a replay; the body (sealed) is what was pushed.

    A push waits until a feed stands for it (inbox.py), and is never changed after that.
    """

    key = models.ForeignKey(GatewayKey, models.PROTECT, related_name="calls", db_index=False)
    nonce = models.CharField(max_length=64)
    timestamp = models.CharField(max_length=14)
    method = models.CharField(max_length=40)
    project = models.ForeignKey(
        "projects.Project",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    generation = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    body = models.BinaryField(null=True)
    size = models.IntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    waiting = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "nonce", "timestamp"], name="gateway_call_once")
        ]
        indexes = [models.Index(fields=["id"], condition=Q(waiting=True), name="gateway_waiting")]

    def __str__(self) -> str:
        return f"{self.method} {self.pk}"
