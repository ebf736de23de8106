"""What a program sent under an idempotency key: the same again gives the same answer."""

from django.db import models


class ApiCall(models.Model):
    """`feed` is empty while the first call is being worked on."""

    token = models.ForeignKey("projects.ApiToken", models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    feed = models.ForeignKey("payroll.Feed", models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_call_once")]

    def __str__(self) -> str:
        return self.key
