"""The ledger's pages: who sees what, totals that equal the rows, search, export, and the alarm."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from alerts import engine
from payroll import reconciliation
from payroll.models import Arrear, Cycle
from projects import tokens
from projects.models import Engagement
from tests import factories, ui_city
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> ui_city.City:
    made = ui_city.city()
    factories.pay(made.a.people[0], "2026-03", "1000.00", dt.date(2026, 4, 18))
    engine.evaluate(ui_city.AS_OF)
    return made


def ask(city: ui_city.City, who: str, path: str = "/ledger/", **query: Any) -> Any:
    client = Client()
    client.force_login(city.users[who])
    return client.get(path, query)


@pytest.mark.parametrize(
    ("who", "places"),
    [("inspector", "ab"), ("inspector_b", "b"), ("regulator", "a"), ("regulator_b", ""),
     ("government", "a"), ("owner_a", "a"), ("general_a", "a"), ("sub_a", "a"), ("sub_b", "b")],
)  # fmt: skip
def test_each_role_sees_its_own(city: ui_city.City, who: str, places: str) -> None:
    context = ask(city, who).context
    seen = {row.project_id for row in context["page"].rows}
    assert seen == {getattr(city, place).project.pk for place in places}
    assert context["totals"]["owed"] == sum(row.unpaid for row in context["page"].rows)
    assert context["totals"]["workers"] == 2 * len(places)
    for by in ("region", "project", "employer", "contractor"):
        rows = ask(city, who, by=by).context["page"].rows
        assert sum(row["owed"] for row in rows) == context["totals"]["owed"]
        assert sum(owed for row in rows for _, owed in row["ages"]) == context["totals"]["owed"]


def test_nobody_and_strangers_are_refused(city: ui_city.City) -> None:
    assert ask(city, "nobody").status_code == 403
    assert Client().get("/ledger/").status_code == 302
    for who in ("sub_a", "general_a", "owner_a", "regulator", "government"):
        pk = city.a.people[0].worker_id
        assert ask(city, who, f"/ledger/workers/{pk}/").status_code == 403
    assert ask(city, "sub_a", "/ledger/differences/").status_code == 403


@pytest.mark.parametrize(
    ("query", "rows"),
    [({"q": "甲示例工程"}, 2), ({"q": "甲示例工程 乙示例劳务"}, 0), ({"region": "330902"}, 2),
     ({"age": "month"}, 4), ({"age": "week"}, 0), ({"month": "2026-03"}, 4),
     ({"month": "2026-02"}, 0), ({"month": "x"}, 0), ({"least": "5000.01"}, 3),
     ({"least": "6000.01"}, 0), ({"worker": "0"}, 0)],
)  # fmt: skip
def test_filters(city: ui_city.City, query: dict[str, str], rows: int) -> None:
    context = ask(city, "inspector", **query).context
    assert len(context["page"].rows) == rows == context["totals"]["rows"]


def test_a_company_is_found_by_its_role(city: ui_city.City) -> None:
    general, sub = city.a.general.code, city.a.sub.code
    for code, role, rows in (
        *((general, "", 2), (general, "employer", 0), (general, "contractor", 2)),
        *((sub, "", 2), (sub, "employer", 2), (sub, "contractor", 0)),
    ):
        context = ask(city, "inspector", company=code, role=role).context
        assert len(context["page"].rows) == rows


def test_sorting_and_pages_keep_every_row_once(city: ui_city.City) -> None:
    project = city.a.project
    for _ in range(60):
        person = factories.worker(project, city.a.general)
        Arrear.objects.create(
            project=project, employer=city.a.general, contractor=city.a.general,
            engagement=person, worker=person.worker, month=ui_city.MARCH, as_of=ui_city.AS_OF,
            payday="2026-04-15", due="6000.00", paid=0, unpaid="6000.00",
        )  # fmt: skip
    for sort in ("old", "new", "amount"):
        first = ask(city, "inspector", sort=sort).context["page"]
        second = ask(city, "inspector", sort=sort, after=first.following).context["page"]
        rows = first.rows + second.rows
        assert len({row.pk for row in rows}) == len(rows) == 64
        if sort == "amount":
            assert [r.unpaid for r in rows] == sorted((r.unpaid for r in rows), reverse=True)


def test_a_whole_number_finds_the_worker_and_stands_in_no_address(city: ui_city.City) -> None:
    person = city.a.people[0]
    number = person.worker.id_number
    for who, expected in (
        ("inspector", f"/ledger/workers/{person.worker_id}/"),
        ("general_a", f"/ledger/?worker={person.worker_id}"),
        ("general_b", "/ledger/"),
        ("sub_b", "/ledger/"),
    ):
        client = Client()
        client.force_login(city.users[who])
        response = client.post("/ledger/find/", {"number": f" {number.lower()} "})
        assert response.status_code == 302 and response.url == expected
    assert AuditEntry.objects.filter(act="worker-found-by-number").count() == 2
    assert number not in str(list(AuditEntry.objects.values()))


def test_one_worker_over_months_and_projects(city: ui_city.City) -> None:
    person = city.a.people[0]
    again = factories.worker(city.b.project, city.b.sub, person=person.worker)
    Engagement.objects.filter(pk=again.pk).update(known_from=factories.EARLY)
    factories.sheet(city.b.project, "2026-02", {again: "700.00"}, employer=city.b.sub)
    path = f"/ledger/workers/{person.worker_id}/"
    response = ask(city, "inspector", path)
    page = response.context["page"]
    assert [(row.month, row.claim.unpaid) for row in page.rows] == [
        (ui_city.MARCH, Decimal("5000.00")),
        (ui_city.MARCH - 1, Decimal("700.00")),
    ]
    assert page.owed == Decimal("5700.00")
    assert person.worker.id_number not in response.content.decode()
    assert ask(city, "inspector", path, day="2026-04-16").context["page"].owed == Decimal("6700.00")
    assert ask(city, "inspector", path, day="2026-03-20").context["page"].owed == Decimal("700.00")
    # the inspector of the other county sees that county's part
    other = ask(city, "inspector_b", path).context["page"]
    assert other.owed == Decimal("700.00")
    assert (
        ask(city, "inspector_b", f"/ledger/workers/{city.a.people[1].worker_id}/").status_code
        == 404
    )


def test_export_equals_the_rows_and_masks(city: ui_city.City) -> None:
    response = ask(city, "inspector", "/ledger/arrears.xlsx", region="330902")
    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 3 and rows[-1][-1] == sum(row[-1] for row in rows[:-1]) == 11000
    assert all("*" in row[1] for row in rows[:-1])
    entry = AuditEntry.objects.get(act="ledger-exported")
    assert entry.detail["rows"] == 2
    assert len(list(load_workbook(io.BytesIO(
        ask(city, "sub_b", "/ledger/arrears.xlsx").content)).active.iter_rows())) == 4  # fmt: skip


def test_what_differs_is_shouted_at_those_who_supervise(city: ui_city.City) -> None:
    page = ask(city, "inspector", "/ledger/differences/")
    assert page.context["last"] is None
    reconciliation.check(ui_city.AS_OF)
    assert not ask(city, "inspector", "/ledger/differences/").context["page"].rows
    assert "alert-danger" not in ask(city, "inspector", "/").content.decode()
    Cycle.objects.filter(project=city.a.project).update(unpaid="1.00")
    reconciliation.check(ui_city.AS_OF)
    assert len(ask(city, "inspector", "/ledger/differences/").context["page"].rows) == 1
    for who, shouted in (("inspector", 1), ("inspector_b", 0), ("government", 1), ("sub_a", 0)):
        for path in ("/", "/ledger/"):
            assert ("alert-danger" in ask(city, who, path).content.decode()) == bool(shouted)


def test_the_page_of_a_project_names_the_sum(city: ui_city.City) -> None:
    path = f"/projects/{city.a.project.code}/"
    assert "11,000.00" in ask(city, "inspector", path).content.decode()


def test_the_interface_gives_the_same_rows(city: ui_city.City) -> None:
    _, secret = tokens.issue(city.users["sub_a"], "test", may_write=False, days=30)
    said = Client().get("/api/v1/arrears", headers={"Authorization": f"Bearer {secret}"}).json()
    assert [row["unpaid"] for row in said["results"]] and len(said["results"]) == 2
    assert all("*" in row["id_number"] for row in said["results"])
    assert {row["project"] for row in said["results"]} == {city.a.project.code}


def test_queries_do_not_grow(city: ui_city.City) -> None:
    def count(path: str, **query: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ask(city, "inspector", path, **query).status_code == 200
        return len(queries)

    asked = [("/ledger/", {}), ("/ledger/", {"by": "employer"}), ("/ledger/arrears.xlsx", {})]
    before = [count(path, **query) for path, query in asked]
    for letter in "丙丁戊":
        ui_city.site(letter, "330902", "housing", workers=4)
    engine.evaluate(ui_city.AS_OF)
    assert [count(path, **query) for path, query in asked] == before
