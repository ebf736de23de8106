"""A city of one project, loaded through the pipeline, and a way to load more."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from payroll import ingest
from payroll.models import Feed
from tests.payroll import files

DAY = dt.date(2026, 1, 5)


@pytest.fixture
def load(db: None, settings: Any, tmp_path: Any) -> Callable[..., Feed]:
    """load(bytes or rows, kind=None, day=...) -> the processed feed."""
    settings.AFTER_FEED = []
    settings.MEDIA_ROOT = tmp_path

    def _load(content: Any, day: dt.date = DAY, name: str = "file.csv", **options: Any) -> Feed:
        data = content if isinstance(content, bytes) else files.csv_bytes(content)
        feed = ingest.receive(
            io.BytesIO(data), name, received_on=day, received_at=timezone.now(), **options
        )
        return ingest.process(feed)

    return _load


@pytest.fixture
def city(load: Callable[..., Feed]) -> Callable[..., Feed]:
    """One project with owner, general contractor, subcontractor, account and ten workers."""
    for rows in (
        [files.project_row()],
        files.participant_rows(),
        [files.account_row()],
        [files.worker_row(n) for n in range(10)],
    ):
        feed = load(rows)
        assert feed.status == "accepted", codes(feed)
    return load


def codes(feed: Feed, severity: str = "error") -> list[str]:
    return [issue.code for issue in feed.issues.all() if issue.severity == severity]
