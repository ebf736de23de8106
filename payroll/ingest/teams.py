"""Kind `teams`: teams of an employer on a project. A new name goes to the members too."""

from payroll.checks import interface
from payroll.ingest.registry import RegistryLoader
from projects.models import Engagement, Team


class TeamsLoader(RegistryLoader):
    kind = "teams"
    checks = interface

    def finish(self) -> None:
        numbers = {int(record["number"]) for record in self.records if record["number"]}
        known = {team.pk: team for team in Team.objects.filter(pk__in=numbers)}
        for record in self.records:
            team = known.get(int(record["number"] or 0))
            place = (record["project_id"], record["company_id"])
            if record["number"] and (team is None or (team.project_id, team.company_id) != place):
                self.issues.error("team-unknown", row=1, column="teamSysNo", value=record["number"])
            taken = Team.objects.filter(project=place[0], company=place[1], name=record["name"])
            if team is not None and taken.exclude(pk=team.pk).exists():
                self.issues.error("row-twice", row=1, column="teamName", value=record["name"])

    def commit(self) -> None:
        for record in self.records:
            place = {"project_id": record["project_id"], "company_id": record["company_id"]}
            if not record["number"]:
                Team.objects.update_or_create(
                    **place,
                    name=record["name"],
                    defaults={"leader": record["leader"]} if record["leader"] else {},
                    create_defaults={
                        "leader": record["leader"],
                        "known_from": self.feed.received_on,
                    },
                )
                continue
            team = Team.objects.get(pk=int(record["number"]))
            members = Engagement.objects.filter(
                project=team.project_id, employer=team.company_id, team=team.name
            )
            members.update(team=record["name"])
            team.name, team.leader = record["name"], record["leader"] or team.leader
            team.save()


LOADER = TeamsLoader
