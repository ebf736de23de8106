"""What the engine promises (rules.md): one warning per matter, and its whole life."""

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import Schedule

from alerts import acts, engine, parameters, tasks
from alerts.law import ARTICLES
from alerts.models import Evaluation, Level, RuleParameter, Warning, WarningEvent
from alerts.rules import catalogue
from alerts.rules.base import OVERSIGHT
from alerts.rules.evidence import ROLES
from projects.models import Engagement, Project
from tests import factories as city
from tests.alerts.judge import codes, day, judge, opened, the
from wagewatch.models import AuditEntry
from wagewatch.months import Month

pytestmark = pytest.mark.django_db

KINDS = {"text", "money", "date", "days", "count", "month"}


@pytest.fixture
def user():
    return get_user_model().objects.create_user("inspector")


def unpaid_project(month: str = "2026-03") -> tuple[Project, Engagement]:
    """A project whose only worker's sheet of the month is never paid; he works on in the next."""
    project = city.project()
    person = city.worker(project)
    city.attend(person, month)
    city.attend(person, str(Month.parse(month) + 1))
    city.sheet(project, month, {person: "5000"})
    city.credit(project, "99999", day("2026-04-01"))
    city.statement(project, day("2026-12-31"), closing="99999", known=day("2026-04-01"))
    return project, person


def whole_city() -> list[Project]:
    """Projects with a matter of every rule, seen from 20 April 2026."""
    made = []
    project, _ = unpaid_project()  # E1
    made.append(project)
    project, person = unpaid_project()  # E2, E4
    second = city.worker(project)
    city.attend(second, "2026-03")
    city.sheet(project, "2026-03", {person: "5000", second: "5000"})
    for each in (person, second):
        city.pay(each, "2026-03", "5000", day("2026-04-10"))
    city.pay(person, "2026-03", "5000", day("2026-04-10"), returned=True)
    made.append(project)
    project, person = unpaid_project("2026-02")  # E7 of February and March
    city.sheet(project, "2026-03", {person: "5000"})
    made.append(project)
    made.append(city.project(account=False))  # A1, B1
    project = city.project(pay_day=22)  # B1, B3
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    made.append(project)
    project = city.project()  # C1, C3, D1, D2
    sub = city.company()
    there, idle, ghost = (city.worker(project) for _ in range(3))
    for each in (there, idle, city.worker(project, sub)):
        city.attend(each, "2026-03")
    city.sheet(project, "2026-03", {there: "5000", ghost: "5000"})
    made.append(project)
    project = city.project()  # E5
    taker, holder = city.worker(project), city.worker(project)
    card = holder.worker.cards.get().number_hash
    city.sheet(project, "2026-03", {taker: {"net": Decimal(10), "card_hash": card}})
    made.append(project)
    project = city.project()  # C2, C4, D3, D4, D5
    person = city.worker(project)
    Engagement.objects.filter(pk=person.pk).update(contract_date=None)
    city.attend(person, "2026-03")
    for net, signed in ((2000, day("2026-04-04")), (1900, None)):
        line = {"net": Decimal(net), "days": Decimal(28), "confirmed_on": signed}
        city.sheet(project, "2026-03", {person: line})
    made.append(project)
    return made


def snapshot() -> list[tuple]:
    """All that a warning says but its ids and the day-by-day history."""
    return sorted(
        (
            w.rule,
            w.project_id,
            w.company_id,
            str(w.month),
            w.level,
            w.status,
            w.data_missing,
            w.since,
            w.workers,
            w.amount,
            w.folded_under.rule if w.folded_under else "",
            json.dumps(w.evidence, sort_keys=True, ensure_ascii=False),
        )
        for w in Warning.objects.open().select_related("folded_under")
    )


def events(warning: Warning) -> list[tuple[str, str]]:
    return [(str(event.on), event.act) for event in warning.events.all()]


def test_the_catalogue_is_complete() -> None:
    assert " ".join(catalogue()) == (
        "A1 A2 A3 A4 A5 A6 B1 B2 B3 B4 B5 C1 C2 C3 C4 D1 D2 D3 D4 D5 "
        "E1 E2 E3 E4 E5 E6 E7 E8 E9 F1 F2 F3 G1 G2 H1 H2 H3 H4 I1 I2"
    )
    for rule in catalogue().values():
        for text in (rule.title, rule.stage, rule.why, rule.levels, rule.clears):
            assert text.zh and text.en
        assert rule.law and set(rule.law) <= set(ARTICLES)
        assert rule.needs or rule.stage == OVERSIGHT  # those follow from what people do
        assert set(rule.responsible) <= set(ROLES)
        for param in rule.params:
            assert param.minimum <= param.default <= param.maximum


def test_every_rule_fires_and_its_evidence_has_the_documented_shape() -> None:
    whole_city()
    judge("2026-04-20")
    startup, later = {"A2", "A3", "A4", "A5", "A6"}, {"B4", "B5", "E3", "E6", "E8", "E9", "F1"}
    elsewhere = (
        startup | later | {"F2", "F3", "G1", "G2", "I1", "I2", "H1", "H2", "H3", "H4"}
    )  # in the tests of those rules
    assert set(codes()) == set(catalogue()) - elsewhere
    for warning in Warning.objects.all():
        made = warning.evidence
        assert made["facts"] and made["arithmetic"] and made["responsible"], warning.rule
        for item in (*made["facts"], *made["arithmetic"], *made["columns"]):
            assert item["label"]["zh"] and item["label"]["en"] and item["kind"] in KINDS
        keys = {column["key"] for column in made["columns"]}
        assert all(set(row) == keys for row in made["rows"])
        assert made["rows_total"] == len(made["rows"])
        assert warning.rule in ("A1", "B1", "B2", "C1", "C3", "D2", "B3") or made["sources"]
        assert all(set(row.get("id", "*")) & {"*"} for row in made["rows"]), "plain ID number"


def test_again_changes_nothing() -> None:
    whole_city()
    first = judge("2026-04-20")
    assert first.opened == first.open == Warning.objects.count() > 10
    before, history = snapshot(), WarningEvent.objects.count()
    ids = set(Warning.objects.values_list("pk", flat=True))
    again = judge("2026-04-20")
    assert (again.opened, again.raised, again.cleared, again.reopened) == (0, 0, 0, 0)
    assert again.open == first.open
    assert snapshot() == before and WarningEvent.objects.count() == history
    assert set(Warning.objects.values_list("pk", flat=True)) == ids


def test_project_by_project_is_the_whole_city() -> None:
    projects = whole_city()
    for project in projects:
        judge("2026-04-20", [project.pk])
    one_by_one = snapshot()
    Warning.objects.all().delete()
    judge("2026-04-20")
    assert snapshot() == one_by_one


def test_queries_do_not_grow_with_the_city() -> None:
    counts = []
    for _ in range(2):
        whole_city()
        judge("2026-04-20")
        with CaptureQueriesContext(connection) as queries:
            judge("2026-04-21")
        counts.append(len(queries))
    # The same statements, but for a second batch of evidence where there is one.
    assert counts[1] <= counts[0] + 2, counts
    assert counts[0] < 6 * len(catalogue())


def test_raised_cleared_reopened_as_the_same_warning() -> None:
    project, person = unpaid_project()
    assert judge("2026-04-16").opened >= 1
    warning = the("E1")
    assert judge("2026-04-22").raised == 0
    assert judge("2026-04-23").raised == 1
    city.pay(person, "2026-03", "5000", day("2026-04-24"))
    assert judge("2026-04-25").cleared == 1
    warning.refresh_from_db()
    assert (warning.status, warning.cleared_on) == ("cleared", day("2026-04-25"))
    assert warning.level == Level.ORANGE and warning.evidence["rows"]
    city.pay(person, "2026-03", "5000", day("2026-04-27"), returned=True)
    summary = judge("2026-04-28", [project.pk])
    assert summary.reopened == 1
    warning.refresh_from_db()
    assert (warning.status, warning.cleared_on) == ("open", None)
    assert warning.opened_on == day("2026-04-16")
    assert events(warning) == [
        ("2026-04-16", "opened"),
        ("2026-04-23", "raised"),
        ("2026-04-25", "cleared"),
        ("2026-04-28", "reopened"),
    ]


def test_lowered_when_the_facts_get_milder() -> None:
    project = city.project()
    city.credit(project, "1000", day("2026-02-01"))
    judge("2026-03-20")
    assert the("B1").level == Level.ORANGE
    city.credit(project, "1000", day("2026-02-15"), known=day("2026-03-21"))
    judge("2026-03-21")
    assert the("B1").level == Level.YELLOW
    assert events(the("B1"))[-1] == ("2026-03-21", "lowered")


def test_folding_points_to_the_top_most_open_one() -> None:
    city.project()
    project = city.project(account=False)
    judge("2026-04-20", [project.pk])
    assert the("B1").folded_under == the("A1")
    city.open_account(project, day("2026-04-21"))
    judge("2026-04-21", [project.pk])
    assert the("B1").folded_under is None and not opened("A1")


def test_d1_and_d2_of_one_cycle_exclude_each_other_and_e7_takes_e2_over_e4() -> None:
    project, person = unpaid_project("2026-02")
    city.pay(person, "2026-02", "5000", day("2026-03-10"))
    city.pay(person, "2026-02", "5000", day("2026-03-11"), returned=True)
    city.sheet(project, "2026-03", {person: "5000"})
    city.pay(person, "2026-03", "1000", day("2026-04-15"))
    judge("2026-04-20")
    run = the("E7")
    assert {w.folded_under for w in (*opened("E1"), *opened("E2"))} == {run}
    assert the("E4").folded_under is None


def test_a_dismissed_parent_hides_nothing(user) -> None:
    project = city.project(account=False)
    judge("2026-04-20")
    acts.dismiss(the("A1"), user, "开户手续已在办理", day("2026-05-31"), on=day("2026-04-20"))
    assert the("B1").folded_under is None
    judge("2026-04-21", [project.pk])
    assert the("B1").folded_under is None and not opened("A1")


def test_rewinds_to_any_day() -> None:
    _, person = unpaid_project()
    city.pay(person, "2026-03", "5000", day("2026-04-24"))
    days = ["2026-04-16", "2026-04-23", "2026-04-25"]
    seen = {}
    for each in days:
        judge(each)
        seen[each] = snapshot()
    judge("2026-06-30")
    late = set(Warning.objects.values_list("pk", flat=True))
    assert "C1" in codes()
    judge("2026-04-23")
    assert snapshot() == seen["2026-04-23"]
    assert not WarningEvent.objects.filter(on__gt=day("2026-04-23")).exists()
    assert set(Warning.objects.values_list("pk", flat=True)) < late  # C1 never happened
    warning = the("E1")
    assert events(warning) == [("2026-04-16", "opened"), ("2026-04-23", "raised")]
    judge("2026-04-16")
    assert snapshot() == seen["2026-04-16"]
    judge("2026-04-14")
    assert not Warning.objects.exists()
    judge("2026-04-25")
    assert snapshot() == seen["2026-04-25"]


def test_rewinding_a_few_projects_leaves_the_others() -> None:
    first, _ = unpaid_project()
    second, _ = unpaid_project()
    judge("2026-04-23")
    judge("2026-04-14", [first.pk])
    assert [warning.project for warning in opened("E1")] == [second]


def test_rewinding_keeps_what_a_person_acted_on(user) -> None:
    unpaid_project()
    judge("2026-04-23")
    warning = acts.dismiss(the("E1"), user, "双方约定缓发", day("2026-06-01"), on=day("2026-04-24"))
    judge("2026-04-14")
    warning.refresh_from_db()
    assert warning.status == "cleared"
    assert events(warning) == [("2026-04-24", "dismissed")]
    judge("2026-04-20")  # before the act: open as it was
    warning.refresh_from_db()
    assert warning.status == "open" and warning.opened_on == day("2026-04-20")
    judge("2026-04-24")
    warning.refresh_from_db()
    assert warning.status == "dismissed"


def test_dismissed_until_its_day(user) -> None:
    unpaid_project()
    judge("2026-04-16")
    warning = acts.dismiss(
        the("E1"), user, "银行系统故障,承诺补发", day("2026-04-30"), on=day("2026-04-16")
    )
    assert warning.status == "dismissed" and warning.dismissed_until == day("2026-04-30")
    for quiet in ("2026-04-16", "2026-04-23", "2026-04-30"):
        summary = judge(quiet)
        assert not opened("E1") and summary.raised == summary.reopened == 0
    assert judge("2026-05-01").reopened == 1
    assert the("E1").pk == warning.pk and the("E1").level == Level.ORANGE
    entry = AuditEntry.objects.get(act="warning-dismissed")
    assert entry.user == user and entry.thing_id == str(warning.pk)
    assert entry.detail["until"] == "2026-04-30"


def test_a_dismissal_that_ran_out_with_the_fact_gone_clears(user) -> None:
    _, person = unpaid_project()
    judge("2026-04-16")
    warning = acts.dismiss(the("E1"), user, "x", day("2026-04-20"), on=day("2026-04-16"))
    city.pay(person, "2026-03", "5000", day("2026-04-17"))
    judge("2026-04-19")
    warning.refresh_from_db()
    assert warning.status == "dismissed"
    assert judge("2026-04-21").cleared == 1
    warning.refresh_from_db()
    assert (warning.status, warning.cleared_on) == ("cleared", day("2026-04-21"))
    assert judge("2026-04-22").cleared == 0


def test_restored_before_its_day(user) -> None:
    unpaid_project()
    judge("2026-04-16")
    warning = acts.dismiss(the("E1"), user, "x", day("2026-04-30"), on=day("2026-04-16"))
    warning = acts.restore(warning, user, on=day("2026-04-18"))
    assert warning.status == "open"
    judge("2026-04-19")
    assert the("E1").pk == warning.pk
    assert AuditEntry.objects.filter(act="warning-restored").count() == 1
    assert [act for _, act in events(warning)] == ["opened", "dismissed", "restored"]


def test_acts_that_are_not_possible(user) -> None:
    unpaid_project()
    judge("2026-04-16")
    warning = the("E1")
    for reason, until in (("  ", "2026-05-01"), ("x", "2026-04-15")):
        with pytest.raises(acts.NotPossible):
            acts.dismiss(warning, user, reason, day(until), on=day("2026-04-16"))
    with pytest.raises(acts.NotPossible):
        acts.restore(warning, user)
    assert not AuditEntry.objects.exists()


def set_value(rule: str, name: str, region: str, valid_from: str, value: int) -> None:
    RuleParameter.objects.create(
        rule=rule,
        name=name,
        region_id=region,
        valid_from=day(valid_from),
        value=value,
        document="示例文件",
    )


def test_parameters_by_region_and_day() -> None:
    city.project()
    made = {
        region: city.project(account=False, contract_date=day("2026-03-01"), region_id=region)
        for region in ("330902", "330903", "330922")
    }
    set_value("A1", "days", "330900", "2026-01-01", 60)
    set_value("A1", "days", "330903", "2026-04-01", 20)
    set_value("A1", "days", "330903", "2026-05-20", 90)
    set_value("A1", "orange", "330903", "2026-01-01", 50)
    judge("2026-04-20")
    found = opened("A1")
    assert [warning.project for warning in found] == [made["330903"]]
    assert found[0].evidence["parameters"] == {"days": "20", "orange": "50"}
    assert found[0].level == Level.YELLOW
    judge("2026-05-02")
    assert {w.project.region_id for w in opened("A1")} == {"330902", "330903", "330922"}
    judge("2026-05-20")
    assert {w.project.region_id for w in opened("A1")} == {"330902", "330922"}
    judge("2026-05-20", [made["330922"].pk])
    assert {w.project.region_id for w in opened("A1")} == {"330902", "330922"}
    rule = catalogue()["A1"]
    assert parameters.in_force(rule, "330903", day("2026-04-20")) == {"days": 20, "orange": 50}
    assert parameters.in_force(rule, "330921", day("2026-04-20"))["days"] == 60


def test_parameters_have_bounds() -> None:
    rule = catalogue()["A1"]
    parameters.check(rule, "days", 45)
    for name, value in (("days", 0), ("days", 181), ("nights", 5)):
        with pytest.raises(ValueError):
            parameters.check(rule, name, value)


def test_the_evaluate_command() -> None:
    project, _ = unpaid_project()
    unpaid_project()
    out = StringIO()
    call_command("evaluate", "--as-of", "2026-04-16", "--project", project.code, stdout=out)
    said = json.loads(out.getvalue())
    assert list(said) == ["as_of", "opened", "raised", "cleared", "reopened", "open", "seconds"]
    assert said["as_of"] == "2026-04-16" and said["opened"] == said["open"] == 1
    with pytest.raises(CommandError):
        call_command("evaluate", "--as-of", "2026-04-16", "--project", "NONE", stdout=out)
    run = Evaluation.objects.get()
    assert (run.projects, run.whole_city, run.opened) == (1, False, 1)


def test_the_warnings_command() -> None:
    _, person = unpaid_project()
    judge("2026-04-16")

    def listed(*arguments: str) -> list[dict]:
        out = StringIO()
        call_command("warnings", *arguments, stdout=out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    [row] = listed("--rule", "E1")
    assert " ".join(row) == (
        "id rule level status project company month subject workers amount opened_on cleared_on"
        " folded_under evidence"
    )
    warning = the("E1")
    assert row["id"] == warning.pk and row["rule"] == "E1" and row["level"] == "yellow"
    assert row["project"] == warning.project.code and row["company"] == warning.company.code
    assert (row["month"], row["workers"], row["amount"]) == ("2026-03", 1, "5000.00")
    assert (row["opened_on"], row["cleared_on"]) == ("2026-04-16", None)
    assert row["evidence"]["rows"]
    city.pay(person, "2026-03", "5000", day("2026-04-17"))
    judge("2026-04-18")
    assert listed("--rule", "E1") == []
    assert [r["cleared_on"] for r in listed("--status", "cleared")] == ["2026-04-18"]
    assert len(listed("--status", "all", "--rule", "E1")) == 1
    out = StringIO()
    call_command("warnings", "--status", "all", "--format", "text", stdout=out)
    assert "E1" in out.getvalue() and "5000.00" in out.getvalue()


def test_a_feed_judges_what_it_touched_and_never_turns_back() -> None:
    project, _ = unpaid_project()
    judge("2026-04-23")
    tasks.feed_committed([project.pk], "2026-04-10")
    assert the("E1").level == Level.ORANGE
    tasks.feed_committed([project.pk], dt.date(2026, 5, 16))
    assert the("E1").level == Level.RED
    assert engine.judged_until([project.pk]) == day("2026-05-16")


def test_the_schedule_is_registered_once() -> None:
    assert tasks.schedule() == len(tasks.SCHEDULES)
    nightly = Schedule.objects.get(func="alerts.tasks.nightly")
    assert tasks.schedule() == 0 and Schedule.objects.count() == len(tasks.SCHEDULES)
    assert Schedule.objects.get(pk=nightly.pk).next_run == nightly.next_run


def test_nightly_judges_today() -> None:
    unpaid_project()
    said = tasks.nightly()
    assert Evaluation.objects.get().whole_city and said["open"] >= 1
