"""Registry feed `securities`."""

from payroll.ingest.registry import RegistryLoader, write_versions
from projects.models import Security


class SecuritiesLoader(RegistryLoader):
    kind = "securities"

    def commit(self) -> None:
        securities = [
            Security(known_from=self.feed.received_on, feed_id=self.feed.pk, **record)
            for record in self.records
        ]
        write_versions(Security, ["project", "kind", "issuer", "valid_from"], securities)


LOADER = SecuritiesLoader
