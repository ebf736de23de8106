"""Files sent over the web: a long one can be left and come back to."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from payroll import upload
from payroll.models import Feed
from projects.models import Company, Member
from tests.payroll.files import GENERAL, SUB, csv_bytes, sheet_row


@pytest.fixture
def clients(city: Any) -> dict[str, Client]:
    made = {}
    for role, code in (("sub", SUB), ("general", GENERAL)):
        user = User.objects.create_user(role)
        Member.objects.create(user=user, role=role, company=Company.objects.get(code=code))
        made[role] = Client()
        made[role].force_login(user)
    return made


def test_a_file_that_is_still_read_is_found_again(clients: Any, settings: Any) -> None:
    settings.FEED_BACKGROUND_ROWS = 0
    files = [
        SimpleUploadedFile(f"{n}.csv", csv_bytes([sheet_row(n, f"2026-0{n}")])) for n in (1, 2)
    ]
    sub = clients["sub"]
    sub.post("/feeds/send/", {"files": files})
    waiting = list(Feed.objects.open().order_by("pk"))
    assert [feed.filename for feed in waiting] == ["1.csv", "2.csv"]
    asks = [f'hx-get="/feeds/{feed.pk}/progress/"' for feed in waiting]
    page = sub.get("/feeds/").content.decode()  # left, and come back to
    assert all(page.count(ask) == 1 for ask in asks)
    other = clients["general"].get("/feeds/").content.decode()
    assert not any(ask in other for ask in asks)
    assert asks[0] in sub.get(f"/feeds/{waiting[0].pk}/").content.decode()
    for feed in waiting:
        upload.process_feed(feed.pk)
        said = sub.get(f"/feeds/{feed.pk}/progress/").content.decode()
        assert "hx-get" not in said and "已入库" in said
    page = sub.get("/feeds/").content.decode()
    assert not any(ask in page for ask in asks) and "2.csv" in page
