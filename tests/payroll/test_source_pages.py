"""Pages, export and REST of sources and conflicts: each role sees and may do what is its part."""

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from payroll import ingest
from payroll.models import Feed
from payroll.sources import deciding
from projects import scope, tokens
from projects.models import Conflict, FieldDecision, FieldValue, Member, Project
from tests import ui_city
from tests.payroll.files import csv_bytes
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db
AUTHORITIES = {
    "inspector": "ab", "inspector_b": "b", "regulator": "a", "regulator_b": "", "government": "a",
}  # fmt: skip
COMPANIES = {
    "owner_a": "a", "general_a": "a", "sub_a": "a", "owner_b": "b", "general_b": "b", "sub_b": "b",
}  # fmt: skip


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    """On both sites reform and housing tell two contract amounts, and two days of entry of the
    subcontractor, of which the first holds."""
    settings.MEDIA_ROOT = tmp_path
    settings.AFTER_FEED = []
    cache.clear()
    made = ui_city.city()
    for source, amount, day in (("reform", "500", "2025-03-01"), ("housing", "600", "2025-04-01")):
        for place in (made.a, made.b):
            code = place.project.code
            load([{"projectCode": code, "contractAmount": amount}], made, source)
            row = {"projectCode": code, "corpCode": place.sub.code, "corpName": place.sub.name,
                   "corpType": "sub", "entryTime": day}  # fmt: skip
            load([row], made, source)
            other = {"corpCode": place.general.code, "corpName": place.general.name}
            load([row | other | {"corpType": "general"}], made, source)
    return made


def load(rows: Any, city: ui_city.City, source: str) -> Feed:
    feed = ingest.receive(
        io.BytesIO(csv_bytes(rows)),
        f"{source}.csv",
        sender=city.users["inspector"],
        source=source,
        received_on=ui_city.AS_OF,
        received_at=timezone.now(),
    )
    ingest.process(feed)
    assert feed.status == "accepted", list(feed.issues.values())
    return feed


def letters(projects: Any, city: ui_city.City) -> str:
    places = {city.a.project.pk: "a", city.b.project.pk: "b"}
    return "".join(sorted({places[pk] for pk in projects}))


@pytest.mark.parametrize(("who", "expected"), sorted((AUTHORITIES | COMPANIES).items()))
@pytest.mark.parametrize("model", [Conflict, FieldValue, FieldDecision])
def test_scope(city: ui_city.City, who: str, expected: str, model: Any) -> None:
    if model is FieldDecision:
        for one in Conflict.objects.filter(standing="open", role=""):
            deciding.decide(
                one, city.users["inspector"], "housing", "见合同", seen=deciding.seen_of(one)
            )
    member = Member.objects.get(user=city.users[who])
    rows = scope.visible(model.objects.all(), member)
    assert letters(rows.values_list("project", flat=True), city) == expected
    if who == "sub_a":  # what is said of other companies is theirs
        companies = set(rows.values_list("company", flat=True))
        assert companies <= {None, city.a.sub.pk}


@pytest.mark.parametrize(("who", "expected"), sorted((AUTHORITIES | COMPANIES).items()))
def test_who_sees_and_who_decides(
    city: ui_city.City, client: Client, who: str, expected: str
) -> None:
    client.force_login(city.users[who])
    found = Conflict.objects.get(project=city.a.project, field="contract_amount")
    page = client.get(reverse("project-sources", args=[city.a.project.code]))
    assert page.status_code == (200 if "a" in expected else 404)
    decides = who in ("inspector", "regulator")
    if "a" in expected:
        text = page.content.decode()
        assert "500.00" in text and "600.00" in text
        assert ("<textarea" in text) == decides
    form = {
        f"conflict-{found.pk}-source": "housing",
        f"conflict-{found.pk}-reason": "见合同原件",
        f"conflict-{found.pk}-seen": '{"reform": "500.00", "housing": "600.00"}',
    }
    answer = client.post(reverse("conflict-decide", args=[found.pk]), form)
    if decides:
        assert answer.status_code == 302
        made = FieldDecision.objects.get()
        assert Project.objects.get(pk=city.a.project.pk).contract_amount == 600
        assert client.post(reverse("decision-undo", args=[made.pk])).status_code == 302
        made.refresh_from_db()
        assert made.undone_by == city.users[who]
    else:
        mayroles = who in ("inspector_b", "regulator_b")
        assert answer.status_code == (404 if mayroles else 403)
        assert not FieldDecision.objects.exists()


def test_a_stale_page_decides_nothing(city: ui_city.City, client: Client) -> None:
    client.force_login(city.users["inspector"])
    found = Conflict.objects.get(project=city.a.project, field="contract_amount")
    form = {
        f"conflict-{found.pk}-source": "housing",
        f"conflict-{found.pk}-reason": "见合同原件",
        f"conflict-{found.pk}-seen": '{"reform": "500.00", "housing": "599.00"}',
    }
    page = client.post(reverse("conflict-decide", args=[found.pk]), form, follow=True)
    assert "来源已有新的报送" in page.content.decode() and not FieldDecision.objects.exists()
    form[f"conflict-{found.pk}-seen"] = "nonsense"
    client.post(reverse("conflict-decide", args=[found.pk]), form)
    form[f"conflict-{found.pk}-reason"] = ""
    client.post(reverse("conflict-decide", args=[found.pk]), form)
    assert not FieldDecision.objects.exists()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", 6),
        ("?field=contract_amount", 2),
        ("?source=water", 0),
        ("?source=housing&region=330921", 3),
        ("?q=甲示例工程", 3),
        ("?standing=decided", 0),
        ("?standing=all", 6),
    ],
)
def test_the_list_filters_and_exports(
    city: ui_city.City, client: Client, asked: str, expected: int
) -> None:
    client.force_login(city.users["inspector"])
    page = client.get(reverse("conflicts") + asked)
    assert len(page.context["rows"]) == expected
    book = client.get(reverse("conflicts") + (asked or "?") + "&format=xlsx")
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None and sheet.max_row == 1 + expected
    assert AuditEntry.objects.get(act="conflicts-exported").detail["rows"] == expected
    if asked == "?field=contract_amount":
        row = [cell.value for cell in sheet[2]]
        assert {"500.00", "600.00"} <= set(row) and row[4] == "合同价（元）"


def test_counts_stand_where_people_look(city: ui_city.City, client: Client) -> None:
    client.force_login(city.users["inspector"])
    assert client.get(reverse("feed-health")).context["conflicts"] == "6"
    page = client.get(reverse("project", args=[city.a.project.code]))
    assert page.context["conflicts"] == 3
    assert reverse("project-sources", args=[city.a.project.code]) in page.content.decode()


def test_pages_ask_the_same_number_of_queries(city: ui_city.City, client: Client) -> None:
    client.force_login(city.users["inspector"])

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = [reverse("project-sources", args=[city.a.project.code]), reverse("conflicts")]
    before = [count(address) for address in addresses]
    for source in ("transport", "water", "hrss"):
        row = {"projectCode": city.a.project.code, "startDate": f"2025-0{len(source)}-01",
               "approvalNum": source, "payDay": "9", "name": source, "lng": "1"}  # fmt: skip
        load([row], city, source)
    assert [count(address) for address in addresses] == before


def test_an_inspector_names_the_source_on_the_page(city: ui_city.City, client: Client) -> None:
    row = {"projectCode": city.a.project.code, "laborCostMonthly": "7"}

    def send(who: str, **more: str) -> Feed:
        client.force_login(city.users[who])
        file = io.BytesIO(csv_bytes([row | {"x": who + str(more)}]))
        file.name = "许可.csv"
        answer = client.post(reverse("feed-send"), {"files": [file], **more})
        assert answer.status_code == 302
        return Feed.objects.latest("pk")

    client.force_login(city.users["inspector"])
    assert 'name="source"' in client.get(reverse("feeds")).content.decode()
    feed = send("inspector", source="water")
    assert (feed.status, feed.source) == ("accepted", "water")
    assert "水利" in client.get(reverse("feed", args=[feed.pk])).content.decode()
    client.force_login(city.users["regulator"])
    assert 'name="source"' not in client.get(reverse("feeds")).content.decode()
    assert send("regulator").source == "housing"
    refused = send("regulator", source="reform")
    assert refused.status == "rejected"
    client.force_login(city.users["inspector"])
    file = io.BytesIO(b"x")
    file.name = "f.csv"
    answer = client.post(reverse("feed-send"), {"files": [file], "source": "nonsense"})
    assert answer.status_code == 404


def test_rest_takes_the_source_of_a_feed(city: ui_city.City) -> None:
    def send(who: str, source: str) -> Any:
        _token, text = tokens.issue(city.users[who], "t", may_write=True, days=3)
        row = {"projectCode": city.a.project.code, "laborCostMonthly": "7", "x": who + source}
        file = io.BytesIO(csv_bytes([row]))
        file.name = "f.csv"
        client = Client(headers={"Authorization": f"Bearer {text}"})
        return client.post("/api/v1/feeds", {"file": file, "source": source}).json()

    assert send("inspector", "transport")["source"] == "transport"
    [error] = send("regulator", "transport")["errors"]
    assert error["code"] == "source-not-allowed"
    assert set(send("inspector", "nonsense")["fields"]) == {"source"}


def test_rest_gives_sources_and_conflicts(city: ui_city.City) -> None:
    def get(who: str, path: str) -> Any:
        _token, text = tokens.issue(city.users[who], "t", may_write=True, days=3)
        bearer = {"Authorization": f"Bearer {text}"}
        return Client(headers=bearer).get(f"/api/v1/{path}").json()

    code = city.a.project.code
    rows = get("general_a", f"sources?project={code}&field=contract_amount")["results"]
    said = {row["source"]: (row["value"], row["holds"]) for row in rows}
    assert said == {"reform": ("500.00", True), "housing": ("600.00", False)}
    found = get("inspector", f"conflicts?field=contract_amount&project={code}")["results"]
    [row] = found
    assert (row["standing"], row["held_value"], row["project"], row["company"]) == (
        "open", "500.00", code, None,
    )  # fmt: skip
    assert {one["source"]: one["value"] for one in row["values"]} == {
        "reform": "500.00", "housing": "600.00",
    }  # fmt: skip
    assert get("inspector", f"conflicts/{row['id']}")["id"] == row["id"]
    assert len(get("inspector", "conflicts?region=330921&source=reform")["results"]) == 3
    assert get("sub_b", f"conflicts?project={code}")["results"] == []
    assert get("general_b", f"conflicts/{row['id']}")["status"] == 404
