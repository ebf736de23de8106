"""Teams 班组 of a project, as the national real-name interface names them."""

from django.db import models


class Team(models.Model):
    """A team of one employer on a project. Its primary key is the `teamSysNo` that the interface
    gives back; `Engagement.team` holds its name."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="teams")
    company = models.ForeignKey("projects.Company", models.PROTECT, related_name="teams")
    name = models.CharField(max_length=100)
    leader = models.CharField(max_length=100, blank=True, help_text="responsiblePersonName")
    known_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "company", "name"], name="team_once")
        ]

    def __str__(self) -> str:
        return self.name
