"""Registry feed `sites`."""

from payroll.ingest.registry import RegistryLoader, write_versions
from projects.models import NoticeBoard


class SitesLoader(RegistryLoader):
    kind = "sites"

    def commit(self) -> None:
        boards = [
            NoticeBoard(known_from=self.feed.received_on, feed_id=self.feed.pk, **record)
            for record in self.records
        ]
        write_versions(NoticeBoard, ["project"], boards)


LOADER = SitesLoader
