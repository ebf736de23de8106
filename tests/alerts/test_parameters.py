"""Parameters by region and day: set with a document, on record, never for days that have passed."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts import engine, parameters
from alerts.models import RuleParameter, Warning
from alerts.rules import catalogue
from projects.models import Region
from tests import ui_city
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def fields(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "name": "orange",
        "region": "330902",
        "value": 3,
        "valid_from": today.isoformat(),
        "document": "示例市人社局通知〔2026〕1号",
        "reason": "通知即日起施行",
    } | changes


def signed_in(city: ui_city.City, who: str) -> Client:
    client = Client()
    client.force_login(city.users[who])
    return client


def test_an_inspector_sets_a_value_and_it_is_on_record(city: ui_city.City) -> None:
    inspector = signed_in(city, "inspector")
    assert inspector.post("/rules/E1/set/", fields()).status_code == 302
    made = RuleParameter.objects.get()
    assert (made.value, made.set_by) == (3, city.users["inspector"])
    assert AuditEntry.objects.get(act="parameter-set").detail["region"] == "330902"
    page = inspector.get("/rules/E1/").content.decode()
    assert "示例市人社局通知〔2026〕1号" in page
    rule = catalogue()["E1"]
    assert parameters.in_force(rule, "330902", timezone.localdate())["orange"] == 3
    assert parameters.in_force(rule, "330902", timezone.localdate() - DAY)["orange"] == 8
    assert parameters.in_force(rule, "330921", timezone.localdate())["orange"] == 8
    # A company reads the value and the document, not the person's name.
    page = signed_in(city, "sub_a").get("/rules/E1/").content.decode()
    assert "示例市人社局通知〔2026〕1号" in page and ">inspector<" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"value": 1},  # E1.orange: 2 to 90 days
        {"value": 91},
        {"value": "soon"},
        {"name": "grace"},
        {"document": " "},
        {"valid_from": "2026-01-01"},
        {"region": "330921000"},
    ],
)
def test_what_cannot_be_set(city: ui_city.City, change: dict[str, Any]) -> None:
    answer = signed_in(city, "inspector").post("/rules/E1/set/", fields(**change))
    assert answer.status_code == 400 and answer.context["form"].errors
    assert not RuleParameter.objects.exists()


def test_a_county_sets_values_for_itself_alone(city: ui_city.City) -> None:
    county = signed_in(city, "inspector_b")  # of 330921
    assert county.post("/rules/E1/set/", fields()).status_code == 400
    assert county.post("/rules/E1/set/", fields(region="330921")).status_code == 302
    assert RuleParameter.objects.get().region_id == "330921"


def test_a_value_to_come_can_be_withdrawn_and_one_that_holds_cannot(city: ui_city.City) -> None:
    today = timezone.localdate()
    rule, region = catalogue()["E1"], Region.objects.get(pk="330902")
    user = city.users["inspector"]
    later = parameters.set_value(
        rule, "orange", region, 5, today + DAY, "文件", user, on=today, reason="急"
    )
    now = parameters.set_value(rule, "red", region, 20, today, "文件", user, on=today, reason="急")
    inspector = signed_in(city, "inspector")
    for made in (later, now):
        inspector.post(f"/rules/values/{made.pk}/withdraw/")
    assert list(RuleParameter.objects.values_list("pk", flat=True)) == [now.pk]
    assert AuditEntry.objects.filter(act="parameter-withdrawn").count() == 1
    with pytest.raises(ValueError, match="from today"):
        parameters.set_value(rule, "red", region, 20, today - DAY, "文件", user, on=today)
    with pytest.raises(ValueError, match="document"):
        parameters.set_value(rule, "red", region, 20, today, " ", user, on=today)
    with pytest.raises(ValueError, match="trial on the history"):
        parameters.set_value(rule, "red", region, 20, today, "文件", user, on=today)
    with pytest.raises(ValueError, match="no parameter"):
        parameters.set_value(rule, "blue", region, 20, today, "文件", user, on=today)


def test_a_warning_keeps_the_values_of_its_day(city: ui_city.City) -> None:
    """What is judged later changes; what is judged again for an earlier day does not."""
    before = city.a.warning.evidence["parameters"]
    RuleParameter.objects.create(
        rule="E1", name="red", region_id="330902", value=90, document="文件",
        valid_from=ui_city.AS_OF + DAY,
    )  # fmt: skip
    engine.evaluate(ui_city.AS_OF + DAY)
    assert city.a.warning.evidence["parameters"]["red"] == "90"
    engine.evaluate(ui_city.AS_OF)
    assert Warning.objects.get(pk=city.a.warning.pk).evidence["parameters"] == before


def test_the_catalogue_is_open_to_members(city: ui_city.City) -> None:
    page = signed_in(city, "owner_b").get("/rules/").content.decode()
    assert all(f"/rules/{code}/" in page for code in catalogue())
    assert signed_in(city, "owner_b").get("/rules/Z9/").status_code == 404
