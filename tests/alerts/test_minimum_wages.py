"""Minimum wages: which one holds, putting one on record, and who may."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from projects import minimum_wages
from projects.minimum_wages import MinimumWages
from projects.models import MinimumWage, Region
from tests import ui_city
from wagewatch.models import AuditEntry
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def signed_in(city: ui_city.City, who: str) -> Client:
    client = Client()
    client.force_login(city.users[who])
    return client


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "region": "330902",
        "valid_from": "2026-01-01",
        "monthly": "2500",
        "hourly": "25",
        "tier": 1,
        "document": "示例通知",
    } | changes


def monthly(as_of: dt.date, region: str, month: str) -> Decimal | None:
    held = MinimumWages.known_on(as_of).of(region, Month.parse(month))
    return held.monthly if held else None


def test_what_was_published_comes_with_the_product() -> None:
    today = D(2026, 4, 1)
    assert monthly(today, "330902100", "2021-07") is None
    assert monthly(today, "330902100", "2021-08") == 2070
    assert monthly(today, "330902", "2023-12") == 2070
    assert monthly(today, "330922", "2024-01") == 2260
    assert set(MinimumWage.objects.values_list("standing", "tier")) == {("reported", 2)}


def test_the_nearest_region_wins_and_a_correction_counts_from_its_day() -> None:
    district = Region.objects.get(pk="330902")

    def put(amount: int, on: dt.date) -> None:
        minimum_wages.put_on_record(
            district, D(2026, 1, 1), Decimal(amount), None, None, "文件", None, on=on
        )

    put(2490, D(2026, 2, 1))
    put(2400, D(2026, 3, 1))  # a correction
    put(2450, D(2026, 3, 1))  # and its correction on the same day
    assert monthly(D(2026, 1, 31), "330902100", "2026-01") == 2260
    assert monthly(D(2026, 2, 28), "330902100", "2026-01") == 2490
    assert monthly(D(2026, 3, 1), "330902100", "2026-01") == 2450
    assert monthly(D(2026, 3, 1), "330921", "2026-01") == 2260
    assert MinimumWage.objects.filter(region=district).count() == 2
    with pytest.raises(ValueError, match="between"):
        put(20, D(2026, 3, 1))
    with pytest.raises(ValueError, match="document"):
        minimum_wages.put_on_record(
            district, D(2026, 1, 1), Decimal(2500), None, None, " ", None, on=D(2026, 3, 1)
        )
    with pytest.raises(ValueError, match="hourly"):
        minimum_wages.put_on_record(
            district, D(2026, 1, 1), Decimal(2500), Decimal(2500), None, "文件", None,
            on=D(2026, 3, 1),
        )  # fmt: skip


def test_an_inspector_puts_one_on_record(city: ui_city.City) -> None:
    client = signed_in(city, "inspector")
    assert client.post("/minimum-wages/set/", fields()).status_code == 302
    made = MinimumWage.objects.get(region="330902")
    assert (made.monthly, made.known_from) == (2500, timezone.localdate())
    assert (made.standing, made.set_by) == ("published", city.users["inspector"])
    assert AuditEntry.objects.get(act="minimum-wage-set").detail["monthly"] == "2500"
    answer = client.get("/minimum-wages/")
    seeded = MinimumWage.objects.get(region="330900", valid_from=D(2024, 1, 1))
    assert answer.context["held"] == {made.pk, seeded.pk}
    page = answer.content.decode()
    assert "示例通知" in page and "2,500.00" in page and "inspector" in page
    company = signed_in(city, "sub_a").get("/minimum-wages/").content.decode()
    assert "示例通知" in company and "· inspector" not in company


@pytest.mark.parametrize(
    "change", [{"monthly": "20"}, {"monthly": ""}, {"document": ""}, {"region": "330999"}]
)
def test_what_cannot_be_entered(city: ui_city.City, change: dict[str, Any]) -> None:
    page = signed_in(city, "inspector").post("/minimum-wages/set/", fields(**change))
    assert page.status_code == 400 and not MinimumWage.objects.filter(region="330902").exists()


def test_a_county_sets_its_own_and_others_set_none(city: ui_city.City) -> None:
    county = signed_in(city, "inspector_b")  # of 330921
    assert county.post("/minimum-wages/set/", fields()).status_code == 400
    assert county.post("/minimum-wages/set/", fields(region="330921")).status_code == 302
    for who in ("regulator", "government", "general_a", "sub_a", "owner_a", "nobody"):
        assert signed_in(city, who).post("/minimum-wages/set/", fields()).status_code == 403


def test_the_page_names_regions_without_a_value(city: ui_city.City) -> None:
    client = signed_in(city, "inspector")
    assert client.get("/minimum-wages/").context["without"] == []
    MinimumWage.objects.all().delete()
    page = client.get("/minimum-wages/")
    assert [region.code for region in page.context["without"]] == ["330902", "330921"]
    county = signed_in(city, "inspector_b").get("/minimum-wages/")
    assert [region.code for region in county.context["without"]] == ["330921"]


def test_the_list_as_xlsx_for_every_member(city: ui_city.City) -> None:
    """Beginning with what holds now; who entered a value is not in it."""
    signed_in(city, "inspector").post("/minimum-wages/set/", fields())
    for who in ("inspector", "sub_a"):
        answer = signed_in(city, who).get("/minimum-wages.xlsx")
        sheet = load_workbook(io.BytesIO(answer.content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        assert len(rows) == MinimumWage.objects.count()
        [mine] = [row for row in rows if row[5] == "示例通知"]
        assert mine[1].date() == D(2026, 1, 1) and (mine[2], mine[3], mine[4]) == (2500, 25, 1)
        assert sheet.cell(2, 3).number_format == "#,##0.00"
        assert not any("inspector" in str(value) for row in rows for value in row)
    assert Client().get("/minimum-wages.xlsx").status_code == 302
