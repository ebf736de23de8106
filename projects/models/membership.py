"""Who may sign in, as what, and for which territory, sector or company."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from projects.models.project import Industry


class Member(models.Model):
    """What a user is. Which rows follows from this, in projects/scope.py alone."""

    class Role(models.TextChoices):
        INSPECTOR = "inspector", "劳动保障监察员"
        REGULATOR = "regulator", "行业主管部门"
        GOVERNMENT = "government", "属地政府"
        GENERAL = "general", "施工总承包单位"
        SUB = "sub", "分包单位"
        OWNER = "owner", "建设单位"

    COMPANY_ROLES = (Role.GENERAL, Role.SUB, Role.OWNER)

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="member")
    role = models.CharField(max_length=10, choices=Role)
    authority = models.ForeignKey("projects.Authority", models.PROTECT, null=True, blank=True)
    region = models.ForeignKey("projects.Region", models.PROTECT, null=True, blank=True)
    industries = models.JSONField(default=list, blank=True)
    company = models.ForeignKey("projects.Company", models.PROTECT, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    @property
    def is_company(self) -> bool:
        return self.role in self.COMPANY_ROLES

    def clean(self) -> None:
        if self.is_company and not self.company_id:
            raise ValidationError({"company": "A company's member needs the company."})
        if not self.is_company and not self.region_id:
            raise ValidationError({"region": "An authority's member needs a territory."})
        if self.role == self.Role.REGULATOR and not self.industries:
            raise ValidationError({"industries": "A sector regulator needs its sectors."})
        if set(self.industries) - set(Industry.values):
            raise ValidationError({"industries": "Unknown sector."})
