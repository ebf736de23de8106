"""A key for programs: it acts for one member, within what that member may see."""

from django.conf import settings
from django.db import models

from wagewatch.vault import BlindIndexField


class ApiToken(models.Model):
    """The token itself is shown once; kept is its keyed hash. `hint` are its last four signs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = BlindIndexField(unique=True)
    hint = models.CharField(max_length=4)
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_on = models.DateField(help_text="The first day on which it no longer works")
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ….{self.hint}"
