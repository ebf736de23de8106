"""Trials on the history: counts by hand, nothing live touched, scope, values that rest on them."""

import datetime as dt
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from alerts import acts, backtest, engine, parameters, rules
from alerts.backtest.replay import replay
from alerts.models import Backtest, RuleParameter, Warning, WarningEvent
from alerts.rules import catalogue, everything
from payroll import complaints
from payroll.models import Cycle
from projects.models import Region
from tests import factories as city
from tests import society, ui_city
from tests.alerts.judge import day
from wagewatch.models import AuditEntry, Work
from wagewatch.months import Month

pytestmark = pytest.mark.django_db


def region(code: str = "330900") -> Region:
    return Region.objects.get(code=code)


def tried(rule: str = "E1", first: str = "2026-04-10", last: str = "2026-05-20", **of: Any) -> Any:
    values = of.pop("values", {"orange": 3})
    made = backtest.make(rule, values, day(first), day(last), territory=region(), **of)
    return backtest.run(made.pk).result


def late(paid_on: str | None = None, region_id: str = "330902") -> Any:
    """A project whose wages of March (payday 15 April) are paid late, or never."""
    project = city.project(region_id=region_id)
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: "5000"})
    city.statement(project, day("2026-06-30"), closing="0", known=day("2026-04-01"))
    if paid_on:
        city.pay(person, "2026-03", "5000", day(paid_on), known=day(paid_on))
    return project


def test_a_lower_threshold_by_hand() -> None:
    """Payday 15 April. Yellow from the 16th; orange from day 8 (23 April), or day 3 (18 April)."""
    late("2026-04-20")  # cleared on day 5: never orange now, orange when tried
    late("2026-04-17")  # cleared on day 2: the same in both
    late()  # orange in both, earlier when tried
    result = tried()
    now, other = result["now"], result["tried"]
    assert now["opened"] == other["opened"] == 3 and now["open_at_start"] == 0
    assert (now["raised"], other["raised"]) == (2, 3)  # the third is red on day 31 (16 May)
    assert (now["cleared"], other["cleared"]) == (2, 2)
    assert now["levels"] == {"blue": 0, "yellow": 2, "orange": 0, "red": 1}
    assert other["levels"] == {"blue": 0, "yellow": 1, "orange": 1, "red": 1}
    assert (result["same"], result["kinds"]["level"], result["differences_total"]) == (1, 2, 2)
    assert now["arrears"] == 3 and now["lead_payday"]["median"] == -1
    assert now["lead_arrears"]["median"] == 0 and now["untouched"] == 3
    steps = [[str(on), level] for on, level in result["differences"][0]["tried"]["steps"]]
    assert steps == [["2026-04-16", "yellow"], ["2026-04-18", "orange"], ["2026-04-20", ""]]


def test_days_of_grace_by_hand() -> None:
    """Payday 15 April. With three days of grace E1 begins on the 19th, and its level counts from
    the payday all the same."""
    late("2026-04-17")  # never E1 when tried
    late("2026-04-20")
    late()
    result = tried(values={"grace_days": 3})
    assert (result["now"]["opened"], result["tried"]["opened"]) == (3, 2)
    steps = [[str(on), level] for on, level in result["differences"][-1]["tried"]["steps"]]
    assert steps[:2] == [["2026-04-19", "yellow"], ["2026-04-23", "orange"]]


def test_a_shorter_notice_before_the_payday() -> None:
    """B3 sees a short balance 5 days before the payday; tried with 3 it comes two days later."""
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"})
    city.statement(project, day("2026-06-30"), closing="0", known=day("2026-04-01"))
    result = tried("B3", values={"days": 3})
    [row] = result["differences"]
    assert (row["kind"], str(row["now"]["first"]), str(row["tried"]["first"])) == (
        "later", "2026-04-10", "2026-04-12",
    )  # fmt: skip
    assert str(row["payday"]) == "2026-04-15" and str(row["arrears_on"]) == "2026-04-16"
    assert result["tried"]["lead_payday"] == {"least": 3, "median": 3, "most": 3, "count": 1}
    assert result["tried"]["lead_arrears"]["median"] == 4
    # What was found on the first day had begun before: its lead is not counted.
    assert result["now"]["open_at_start"] == 1 and result["now"]["lead_payday"] is None


def test_what_people_made_of_the_warnings(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("inspector")
    projects = [late(), late(), late()]
    engine.evaluate(day("2026-04-20"))
    first, second = (Warning.objects.get(rule="E1", project=p) for p in projects[:2])
    WarningEvent.objects.create(warning=first, on=day("2026-04-21"), act="noticed", level=2)
    acts.dismiss(second, user, "误报", day("2026-05-10"), on=day("2026-04-21"))
    counted = tried()["now"]
    assert (counted["confirmed"], counted["dismissed"], counted["untouched"]) == (1, 1, 1)


def test_days_before_the_complaint() -> None:
    """E1 from 16 April. Four projects: two complaints, the first on the 26th; one on
    the payday itself, so that it came first; one about another month; one that was refused."""
    told, early, other, refused = late(), late(), late(), late()
    society.complaint(told, "2026-04-26")
    society.complaint(told, "2026-05-02")
    society.complaint(early, "2026-04-15")
    february = Month.parse("2026-02")
    society.complaint(other, "2026-04-26", first_month=february, last_month=february)
    turned_down = society.complaint(refused, "2026-04-26")
    society.step(turned_down, "refused", "2026-04-28")
    complaints.refresh([turned_down.pk])
    counted = tried()["now"]
    assert (counted["opened"], counted["complaints"], counted["before_complaint"]) == (4, 2, 1)
    assert counted["lead_complaint"] == {"least": -1, "median": 4.5, "most": 10, "count": 2}
    rows = {row["project"]: row["complaint_on"] for row in tried()["differences"]}
    assert {code: str(on) for code, on in rows.items() if on} == {
        told.code: "2026-04-26", early.code: "2026-04-15",
    }  # fmt: skip


def test_what_another_rule_explains_is_counted_as_folded() -> None:
    """E1 of a completed project stands under F1 from its first day; that of another by itself."""
    project = late()
    city.change_project(project, day("2026-04-10"), status="004", complete_date=day("2026-04-10"))
    late()
    result = tried()
    assert (result["now"]["opened"], result["now"]["folded"]) == (2, 1)
    folded = {row["project"]: row["now"]["folded"] for row in result["differences"]}
    assert folded[project.code] and sum(folded.values()) == 1


def test_a_result_says_what_is_taken_as_it_is_now() -> None:
    late()
    assert tried()["kept_as_now"] is None
    for rule in ("B1", "B2", "B4", "C2", "E6"):
        said = tried(rule, values={})["kept_as_now"]
        assert said["zh"] and said["en"]


def test_a_value_rests_on_no_other_trial(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("inspector")
    late()
    made = backtest.make("E1", {"orange": 3}, day("2026-04-10"), day("2026-04-20"),
                         territory=region())  # fmt: skip
    today, rule = timezone.localdate(), catalogue()["E1"]

    def put(name: str, value: int) -> None:
        parameters.set_value(rule, name, region(), value, today, "文件", user, on=today, trial=made)

    with pytest.raises(ValueError, match="trial"):
        put("orange", 3)  # not done yet
    made = backtest.run(made.pk)
    for name, value in (("orange", 4), ("red", 3)):
        with pytest.raises(ValueError, match="trial"):
            put(name, value)
    assert not RuleParameter.objects.exists()
    put("orange", 3)
    assert RuleParameter.objects.get().backtest == made


def test_the_administration_sets_no_value(admin_client: Client) -> None:
    """It would go live untried, and could change days already judged."""
    assert admin_client.get("/admin/alerts/ruleparameter/").status_code == 200
    assert admin_client.get("/admin/alerts/ruleparameter/add/").status_code == 403


def test_nothing_live_is_touched_and_the_past_is_what_was_known() -> None:
    late("2026-05-30")
    engine.evaluate(day("2026-06-01"))
    tables = (Cycle, Warning, WarningEvent)
    before = [list(model.objects.order_by("pk").values_list()) for model in tables]
    result = tried(last="2026-05-29")
    assert result["now"]["open_at_end"] == 1  # the payment was not known then
    assert before == [list(model.objects.order_by("pk").values_list()) for model in tables]


def test_the_replay_agrees_with_the_engine_day_by_day() -> None:
    for paid in ("2026-04-20", "2026-05-18", None):
        late(paid)
    RuleParameter.objects.create(  # nobody has to answer: levels are those of the facts
        rule="H1", name="days", region=region(), valid_from=day("2026-01-01"), value=30
    )
    days = [day("2026-04-10") + dt.timedelta(n) for n in range(45)]
    seen = replay(catalogue()["E1"], {"now": {}}, days, None).lives["now"]
    for on in days:
        engine.evaluate(on)
    real = {
        (w.project_id, w.company_id, w.month, w.subject): [
            (e.on, 0 if e.act == "cleared" else e.level) for e in w.events.all()
        ]
        for w in Warning.objects.filter(rule="E1").prefetch_related("events")
    }
    assert {key: life.steps for key, life in seen.items()} == real and len(real) == 3


def test_a_value_for_a_region_leaves_the_others() -> None:
    late(region_id="330902")
    late(region_id="330921")
    result = tried(region=region("330921"))
    assert result["same"] == 1 and result["differences_total"] == 1
    RuleParameter.objects.create(
        rule="E1", name="orange", region_id="330902", value=5, document="x",
        valid_from=day("2020-01-01"),
    )  # fmt: skip
    # In force today: 5 in Dinghai. Tried for the whole city as a regional value, Dinghai keeps it.
    assert tried(region=region())["same"] == 1
    assert tried()["same"] == 0  # everywhere


def test_the_number_of_queries_does_not_grow_with_projects() -> None:
    counts = []
    late()
    replay(catalogue()["E1"], {"now": {}}, [day("2026-04-20")], None)  # makes the paydays
    for more in (1, 6):
        for _ in range(more):
            late()
        with CaptureQueriesContext(connection) as queries:
            replay(catalogue()["E1"], {"now": {}, "tried": {}}, [day("2026-04-20")], None)
        counts.append(len(queries))
    assert counts[0] == counts[1]


TRIAL_RULE = """
from alerts.rules import E1_missed_cycle


class Softer(E1_missed_cycle.MissedCycle):
    code = "E0"
    live = False
"""


@pytest.fixture
def on_trial(tmp_path: Path) -> Any:
    """A rule of a file of its own, on trial."""
    (tmp_path / "E0_softer.py").write_text(TRIAL_RULE, encoding="utf-8")
    rules.__path__.append(str(tmp_path))
    for known in (catalogue, everything):
        known.cache_clear()
    yield
    rules.__path__.remove(str(tmp_path))
    sys.modules.pop("alerts.rules.E0_softer", None)
    for known in (catalogue, everything):
        known.cache_clear()


def test_a_rule_on_trial_is_asked_by_backtests_alone(on_trial: None) -> None:
    assert "E0" in everything() and "E0" not in catalogue()
    late()
    engine.evaluate(day("2026-04-20"))
    assert set(Warning.objects.values_list("rule", flat=True)) >= {"E1"}
    assert not Warning.objects.filter(rule="E0").exists()
    result = tried("E0", values={})
    assert result["now"]["opened"] == 0 and result["tried"]["opened"] == 1
    assert result["kinds"]["only_tried"] == 1 and result["differences"][0]["live"] is False


@pytest.mark.parametrize(
    ("rule", "values", "first", "last", "of"),
    [
        ("Z9", {}, "2026-04-01", "2026-04-02", {}),
        ("E1", {"mercy": 3}, "2026-04-01", "2026-04-02", {}),
        ("H1", {}, "2026-04-01", "2026-04-02", {}),
        ("I1", {}, "2026-04-01", "2026-04-02", {}),
        ("E1", {"orange": 1000}, "2026-04-01", "2026-04-02", {}),
        ("E1", {"orange": 3}, "2026-04-02", "2026-04-01", {}),
        ("E1", {"orange": 3}, "2026-04-02", "2999-04-01", {}),
        ("E1", {"orange": 3}, "2020-04-02", "2026-04-01", {}),
        ("E1", {"orange": 3}, "2026-04-01", "2026-04-02", {"projects": ["nowhere"]}),
    ],
)
def test_what_cannot_be_asked(rule: str, values: Any, first: str, last: str, of: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        backtest.make(rule, values, day(first), day(last), territory=region(), **of)
    assert not Backtest.objects.exists()


def test_the_command(capsys: Any) -> None:
    project = late()
    out = io.StringIO()
    asked = ["--rule", "E1", "--set", "orange=3", "--from", "2026-04-10", "--to", "2026-05-01"]
    call_command(
        "backtest", *asked, "--step", "week", "--project", project.code, "--format", "json",
        stdout=out, stderr=io.StringIO(),
    )  # fmt: skip
    told = json.loads(out.getvalue())
    assert told["now"]["opened"] == 1 and told["values"] == {"orange": 3}
    assert Backtest.objects.get().days()[-1] == day("2026-05-01")
    out = io.StringIO()
    call_command("backtest", *asked, stdout=out, stderr=io.StringIO())
    assert "level" in out.getvalue() and project.code in out.getvalue()
    with pytest.raises(CommandError, match="it has: grace_days"):
        call_command("backtest", *asked, "--set", "mercy=3")
    with pytest.raises(CommandError):
        call_command("backtest", *asked, "--set", "orange=soon")


@pytest.fixture
def offices(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def signed_in(offices: ui_city.City, who: str) -> Client:
    client = Client()
    client.force_login(offices.users[who])
    return client


def test_the_page_asks_shows_and_exports(offices: ui_city.City) -> None:
    inspector = signed_in(offices, "inspector")
    assert inspector.get("/backtests/?rule=E1").status_code == 200
    asked = {"p_orange": "3", "first": "2026-04-01", "last": "2026-05-10", "step": "day"}
    assert inspector.post("/backtests/ask/E1/", asked | {"p_orange": ""}).status_code == 400
    assert inspector.post("/backtests/ask/E1/", asked | {"p_orange": "999"}).status_code == 400
    answer = inspector.post("/backtests/ask/E1/", asked)
    made = Backtest.objects.get()
    assert answer["Location"] == f"/backtests/{made.pk}/" and made.state == "waiting"
    assert AuditEntry.objects.get(act="backtest-asked").thing_id == str(made.pk)
    # Asked twice while it waits: the same one.
    inspector.post("/backtests/ask/E1/", asked)
    assert Backtest.objects.count() == 1 and Work.objects.filter(pk=made.work_id).exists()
    page = inspector.get(f"/backtests/{made.pk}/").content.decode()
    assert f"/backtests/{made.pk}/progress/" in page
    assert "HX-Refresh" not in inspector.get(f"/backtests/{made.pk}/progress/").headers
    backtest.run(made.pk)
    backtest.run(made.pk)  # a second delivery gives the same
    assert inspector.get(f"/backtests/{made.pk}/progress/").headers["HX-Refresh"] == "true"
    page = inspector.get(f"/backtests/{made.pk}/").content.decode()
    assert "甲示例工程" in page and "乙示例工程" in page
    assert "逾期满几日为橙色 = 3" in page
    sheet = load_workbook(io.BytesIO(inspector.get(f"/backtests/{made.pk}.xlsx").content)).active
    assert sheet.max_row == 3
    assert str(made.pk) in inspector.get("/rules/E1/").content.decode()


def test_each_sees_trials_of_the_own_territory_alone(offices: ui_city.City) -> None:
    county = signed_in(offices, "inspector_b")  # of 330921
    county.post("/backtests/ask/E1/", {"name": "orange", "value": "3", "region": "330921"})
    made = Backtest.objects.get()
    assert made.territory_id == "330921" and made.values == {"orange": 3}
    Backtest.objects.filter(pk=made.pk).update(first=day("2026-04-01"), last=day("2026-05-10"))
    backtest.run(made.pk)
    codes = {row["project"] for row in Backtest.objects.get().result["differences"]}
    assert codes == {offices.b.project.code}
    assert signed_in(offices, "inspector").get(f"/backtests/{made.pk}/").status_code == 200
    Backtest.objects.filter(pk=made.pk).update(territory="330900")
    assert county.get(f"/backtests/{made.pk}/").status_code == 404
    assert county.get(f"/backtests/{made.pk}.xlsx").status_code == 404
    for who in ("regulator", "government", "general_a", "sub_a", "owner_a"):
        assert signed_in(offices, who).get("/backtests/").status_code == 403
    assert (
        county.post(
            "/backtests/ask/E1/", {"name": "orange", "value": "3", "region": "330902"}
        ).status_code
        == 400
    )


def test_a_value_rests_on_its_trial_or_says_why_not(offices: ui_city.City) -> None:
    inspector, today = signed_in(offices, "inspector"), timezone.localdate()
    asked = {
        "name": "orange", "region": "330902", "value": 3, "valid_from": today.isoformat(),
        "document": "示例市人社局通知",
    }  # fmt: skip
    assert inspector.post("/rules/E1/set/", asked).status_code == 400
    assert not RuleParameter.objects.exists()
    assert inspector.post("/rules/E1/set/", asked | {"reason": "法律修改"}).status_code == 302
    made = RuleParameter.objects.get()
    assert (made.backtest, made.untried_reason) == (None, "法律修改")
    trial = backtest.make(
        "E1", {"orange": 3}, day("2026-04-01"), day("2026-04-30"), territory=region()
    )
    assert inspector.post("/rules/E1/set/", asked).status_code == 400  # not finished
    backtest.run(trial.pk)
    assert inspector.post("/rules/E1/set/", asked | {"value": 4}).status_code == 400
    assert inspector.post("/rules/E1/set/", asked).status_code == 302
    made = RuleParameter.objects.get()
    assert (made.backtest, made.untried_reason) == (trial, "")
    entry = AuditEntry.objects.filter(act="parameter-set").latest("pk")
    assert entry.detail["backtest"] == trial.pk
    page = inspector.get("/rules/E1/").content.decode()
    assert f"/backtests/{trial.pk}/" in page
    # A trial of a county says nothing of another one.
    Backtest.objects.filter(pk=trial.pk).update(region="330921")
    assert backtest.trial_of("E1", "orange", 3, region("330902"), today) is None
    assert backtest.trial_of("E1", "orange", 3, region("330921"), today) == trial
    assert (
        backtest.trial_of("E1", "orange", 3, region("330921"), today + dt.timedelta(days=99))
        is None
    )
