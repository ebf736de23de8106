"""Registry feed `indicators`: a version for each company, kind, month and day."""

from django.db.models import Q

from payroll.checks import society
from payroll.ingest.registry import RegistryLoader, write_versions
from payroll.models import Indicator
from projects.models import Party, Project


class IndicatorsLoader(RegistryLoader):
    kind = "indicators"
    checks = society

    def lock(self) -> set[int]:
        """The projects on which the companies are: a fall is a matter of each of them."""
        companies = {int(record["company_id"]) for record in self.records}
        parties = Party.objects.filter(company__in=companies, known_until__isnull=True)
        leading = Q(contractor__in=companies) | Q(owner__in=companies)
        named = Project.objects.filter(leading).values_list("pk", flat=True)
        return {*parties.values_list("project", flat=True), *named}

    def commit(self) -> None:
        made = [
            Indicator(known_from=self.feed.received_on, feed_id=self.feed.pk, **record)
            for record in self.records
        ]
        write_versions(Indicator, ["company", "kind", "month"], made, owner="company")


LOADER = IndicatorsLoader
