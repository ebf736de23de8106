"""Two feeds at the same moment: the same bytes once, two corrections two versions."""

import datetime as dt
import io
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from payroll import ingest
from payroll.models import Feed, Sheet
from tests.payroll import files
from tests.payroll.files import csv_bytes, sheet_row

needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite's test database has one connection"
)


@pytest.fixture
def at_once(django_db_serialized_rollback, transactional_db, settings, tmp_path):
    """at_once(bytes, bytes) -> the statuses of feeds processed in two threads."""
    settings.AFTER_FEED = []
    settings.MEDIA_ROOT = tmp_path

    def receive(data: bytes) -> Feed:
        return ingest.receive(
            io.BytesIO(data), "f.csv", received_on=dt.date(2026, 4, 9), received_at=timezone.now()
        )

    for rows in (
        [files.project_row()],
        files.participant_rows(),
        [files.worker_row(n) for n in range(10)],
    ):
        feed = ingest.process(receive(csv_bytes(rows)))
        assert feed.status == "accepted"

    def run(*contents: bytes) -> list[str]:
        feeds = [receive(data) for data in contents]
        start = threading.Barrier(len(feeds))

        def work(feed: Feed) -> None:
            start.wait()
            try:
                ingest.process(feed)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(feed,)) for feed in feeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(
            Feed.objects.filter(pk__in=[f.pk for f in feeds]).values_list("status", flat=True)
        )

    return run


@needs_postgresql
def test_the_same_bytes_at_once_are_taken_once(at_once):
    data = csv_bytes([sheet_row(n) for n in range(10)])
    assert at_once(data, data, data) == ["accepted", "duplicate", "duplicate"]
    assert Sheet.objects.count() == 1


@needs_postgresql
def test_two_sheets_at_once_are_two_versions(at_once):
    data = [csv_bytes([sheet_row(n, amount=amount) for n in range(10)]) for amount in (6000, 6500)]
    assert at_once(*data) == ["accepted", "accepted"]
    assert sorted(Sheet.objects.values_list("version", flat=True)) == [1, 2]
    assert Sheet.objects.filter(known_until__isnull=True).count() == 1
