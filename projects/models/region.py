"""Administrative divisions (GB/T 2260: six digits; towns and streets: nine)."""

from django.db import models
from django.utils.translation import get_language


def prefix_of(code: str) -> str:
    """What every code inside the region begins with: 330900 -> 3309, 330902 -> 330902."""
    if len(code) != 6:
        return code
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


class Region(models.Model):
    code = models.CharField(primary_key=True, max_length=9)
    name_zh = models.CharField(max_length=50)
    name_en = models.CharField(max_length=80)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    @property
    def prefix(self) -> str:
        return prefix_of(self.code)
