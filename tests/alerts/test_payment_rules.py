"""E1, E2, E4, E5, E7: must fire, must not, and the days at the edges."""

from decimal import Decimal

import pytest

from alerts.models import Level
from projects.models import Engagement, Project
from tests import factories as city
from tests.alerts.judge import codes, day, judge, opened, the, value
from wagewatch.months import Month

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> tuple[Project, list[Engagement]]:
    """A project with three workers, its March sheet received in time, and bank data to August."""
    project = city.project()
    people = [city.worker(project) for _ in range(3)]
    for person in people:
        city.attend(person, "2026-03")
    city.sheet(project, "2026-03", dict.fromkeys(people, "5000"), filename="三月工资.xlsx")
    city.credit(project, "99999", day("2026-04-01"))
    city.statement(project, day("2026-08-31"), known=day("2026-04-01"))
    return project, people


def payment_rules() -> list[str]:
    return [code for code in codes() if code.startswith("E")]


@pytest.mark.parametrize(
    ("as_of", "level"),
    [
        ("2026-04-14", None),
        ("2026-04-15", None),  # the payday itself
        ("2026-04-16", Level.YELLOW),
        ("2026-04-22", Level.YELLOW),
        ("2026-04-23", Level.ORANGE),  # day 8
        ("2026-05-15", Level.ORANGE),
        ("2026-05-16", Level.RED),  # day 31
    ],
)
def test_e1_levels_by_day(site, as_of: str, level: Level | None) -> None:
    judge(as_of)
    assert [warning.level for warning in opened("E1")] == ([level] if level else [])
    assert not opened("E2")


def test_e1_evidence_can_be_checked_by_hand(site) -> None:
    project, people = site
    judge("2026-04-20")
    warning = the("E1")
    assert (warning.company, warning.month) == (project.contractor, Month.parse("2026-03"))
    assert (warning.workers, warning.amount) == (3, Decimal("15000.00"))
    assert warning.since == day("2026-04-16") and warning.opened_on == day("2026-04-20")
    assert not warning.data_missing
    assert value(warning, "Payday") == "2026-04-15"
    assert value(warning, "Days late") == "5"
    assert value(warning, "Pay sheet received") == "2026-04-05"
    assert value(warning, "Due", "arithmetic") == "15000.00"
    assert value(warning, "Unpaid", "arithmetic") == "15000.00"
    rows = warning.evidence["rows"]
    assert [row["worker"] for row in rows] == [person.worker.name for person in people]
    assert rows[0]["id"] == people[0].worker.masked_id and "*" in rows[0]["id"]
    assert rows[0]["row"] == "5" and rows[0]["file"] == "三月工资.xlsx"
    assert sum(Decimal(row["unpaid"]) for row in rows) == warning.amount
    assert [source["filename"] for source in warning.evidence["sources"]] == ["三月工资.xlsx"]
    assert [party["role"] for party in warning.evidence["responsible"]] == ["employer", "owner"]
    assert warning.evidence["parameters"] == {"grace_days": "0", "orange": "8", "red": "31"}
    assert warning.evidence["clears"]["zh"] and warning.evidence["clears"]["en"]


def test_e1_payday_moves_before_the_holiday() -> None:
    project = city.project(pay_day=3)  # 3 May 2026 lies in the holiday: paid by 30 April
    person = city.worker(project)
    city.sheet(project, "2026-04", {person: "5000"}, known=day("2026-04-25"))
    city.statement(project, day("2026-05-31"), known=day("2026-04-25"))
    judge("2026-04-30")
    assert not opened("E1")
    judge("2026-05-01")
    assert the("E1").since == day("2026-05-01")


def test_e1_a_sheet_not_yet_received_is_not_missed_pay(site) -> None:
    project, people = site
    city.sheet(project, "2026-04", dict.fromkeys(people, "5000"), known=day("2026-05-25"))
    judge("2026-05-24")
    assert not opened("E1", month=Month.parse("2026-04"))
    judge("2026-05-25")
    assert the("E1", month=Month.parse("2026-04")).level == Level.ORANGE


def test_e1_a_payment_counts_from_the_day_it_is_known(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"), known=day("2026-04-20"))
    judge("2026-04-19")
    assert payment_rules() == ["E1"]
    judge("2026-04-20")
    assert payment_rules() == []


def test_e1_asks_for_data_where_the_bank_is_silent() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"})
    city.statement(project, day("2026-04-14"))
    judge("2026-04-20")
    assert the("E1").data_missing and the("E1").evidence["data_missing"]
    city.statement(project, day("2026-04-15"))
    judge("2026-04-21")
    assert not the("E1").data_missing


def test_e1_names_subcontractor_contractor_and_owner_in_the_laws_order() -> None:
    project = city.project()
    sub = city.company()
    person = city.worker(project, sub)
    city.sheet(project, "2026-03", {person: "5000"})
    judge("2026-04-20")
    warning = the("E1")
    assert warning.company == sub
    assert [(party["code"], party["role"]) for party in warning.evidence["responsible"]] == [
        (sub.code, "employer"),
        (project.contractor.code, "general"),
        (project.owner.code, "owner"),
    ]


def test_e2_some_paid(site) -> None:
    _, people = site
    city.pay(people[0], "2026-03", "5000", day("2026-04-15"))
    city.pay(people[1], "2026-03", "4000", day("2026-04-15"))
    judge("2026-04-15")
    assert payment_rules() == []
    judge("2026-04-23")
    assert payment_rules() == ["E2"]
    warning = the("E2")
    assert (warning.level, warning.workers, warning.amount) == (Level.ORANGE, 2, Decimal(6000))
    assert [row["unpaid"] for row in warning.evidence["rows"]] == ["1000.00", "5000.00"]
    assert "BK" in warning.evidence["rows"][0]["payments"]
    steps = {s["label"]["en"]: Decimal(s["value"]) for s in warning.evidence["arithmetic"]}
    assert steps["Due"] - steps["Paid by the bank"] + steps["Returned"] == steps["Unpaid"]


def test_e2_not_when_paid_in_full(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    judge("2026-05-30")
    assert payment_rules() == []


def test_e2_shows_what_was_overpaid_to_others(site) -> None:
    _, people = site
    city.pay(people[0], "2026-03", "7000", day("2026-04-15"))
    judge("2026-04-20")
    steps = {s["label"]["en"]: Decimal(s["value"]) for s in the("E2").evidence["arithmetic"]}
    assert steps["Overpaid to others, not set off"] == 2000
    assert steps["Unpaid"] == 10000


@pytest.mark.parametrize(("as_of", "fires"), [("2026-04-23", False), ("2026-04-24", True)])
def test_e4_after_the_fifth_working_day(site, as_of: str, fires: bool) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    # Thursday 16 April: the fifth working day after is Thursday 23 April.
    city.pay(people[0], "2026-03", "5000", day("2026-04-16"), returned=True, reason="账号不符")
    judge(as_of)
    assert bool(opened("E4")) is fires


def test_e4_counts_working_days_over_a_holiday(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    city.pay(people[0], "2026-03", "5000", day("2026-04-29"), returned=True)
    judge("2026-05-08")  # 30 April, 6, 7, 8 and the make-up workday 9 May
    assert not opened("E4")
    judge("2026-05-10")
    warning = the("E4")
    assert (warning.level, warning.workers, warning.amount) == (Level.YELLOW, 1, Decimal(5000))
    assert warning.since == day("2026-05-10")
    assert warning.evidence["rows"][0]["repay_by"] == "2026-05-09"


def test_e4_clears_when_paid_again_and_hides_its_e2(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    city.pay(people[0], "2026-03", "5000", day("2026-04-16"), returned=True)
    city.pay(people[0], "2026-03", "5000", day("2026-04-27"))
    judge("2026-04-25")
    assert payment_rules() == ["E2", "E4"]
    assert the("E2").folded_under == the("E4")
    judge("2026-04-28")
    assert payment_rules() == ["E3"]  # in full, but late


def test_e4_does_not_hide_an_e2_of_other_workers(site) -> None:
    _, people = site
    for person in people[:2]:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    city.pay(people[0], "2026-03", "5000", day("2026-04-16"), returned=True)
    judge("2026-04-25")
    assert the("E2").folded_under is None and the("E2").workers == 2


def test_e4_a_return_not_yet_received_is_not_known(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    city.pay(
        people[0], "2026-03", "5000", day("2026-04-16"), known=day("2026-05-11"), returned=True
    )
    judge("2026-05-10")
    assert payment_rules() == []
    judge("2026-05-11")
    assert payment_rules() == ["E2", "E4"]


def test_e5_three_workers_on_one_card() -> None:
    project, other = city.project(), city.project()
    shared = city.add_card(city.worker(project).worker, city.card_number(77), registered=False)
    people = [city.worker(project), city.worker(project), city.worker(other)]

    def lines(*chosen: Engagement) -> dict:
        return {p: {"net": Decimal(100), "card_hash": shared.number_hash} for p in chosen}

    city.sheet(project, "2026-03", lines(*people[:2]))
    judge("2026-04-06")
    assert not opened("E5")
    city.sheet(other, "2026-03", lines(people[2]))  # the third is on another project
    judge("2026-04-06")
    assert sorted(w.workers for w in opened("E5")) == [1, 2]
    row = the("E5", workers=2).evidence["rows"][0]
    assert row["sharers"] == "3" and row["card"] == shared.masked
    judge("2026-04-06", [project.pk])  # a few projects look at all the city's cards too
    assert sorted(w.workers for w in opened("E5")) == [1, 2]


def test_e5_the_same_card_in_different_months_or_of_one_worker_is_no_sharing() -> None:
    project = city.project()
    card = city.add_card(city.worker(project).worker, city.card_number(78), registered=False)
    people = [city.worker(project) for _ in range(3)]
    for month, person in zip(("2026-01", "2026-02", "2026-03"), people, strict=True):
        city.sheet(project, month, {person: {"net": Decimal(1), "card_hash": card.number_hash}})
    elsewhere = [city.worker(city.project(), person=people[0].worker) for _ in range(3)]
    for engagement in elsewhere:
        line = {engagement: {"net": Decimal(1), "card_hash": card.number_hash}}
        city.sheet(engagement.project, "2026-01", line)
    judge("2026-04-06")
    assert not opened("E5")


def test_e5_a_card_registered_for_another() -> None:
    project = city.project()
    holder, taker = city.worker(project), city.worker(project)
    card = holder.worker.cards.get()
    line = {taker: {"net": Decimal(4000), "card_hash": card.number_hash}}
    city.sheet(project, "2026-03", line, known=day("2026-04-05"))
    judge("2026-04-04")
    assert not opened("E5")
    judge("2026-04-05")
    warning = the("E5")
    assert (warning.level, warning.workers, warning.amount) == (Level.ORANGE, 1, Decimal(4000))
    assert warning.evidence["rows"][0]["holder"] == holder.worker.name
    city.sheet(project, "2026-03", {taker: "4000"}, known=day("2026-04-08"))
    judge("2026-04-08")
    assert not opened("E5")


def test_e5_a_couple_with_one_registered_card_is_right() -> None:
    project = city.project()
    one, two = city.worker(project), city.worker(project)
    card = one.worker.cards.get()
    city.add_card(two.worker, card.number)
    two.worker.cards.exclude(number_hash=card.number_hash).delete()
    city.sheet(project, "2026-03", {one: "4000", two: "4000"})
    judge("2026-04-06")
    assert not opened("E5")


def test_e7_two_then_three_months_in_a_row(site) -> None:
    project, people = site
    for month in ("2026-04", "2026-05"):
        city.sheet(project, month, dict.fromkeys(people, "5000"))
    judge("2026-05-15")
    assert not opened("E7")
    judge("2026-05-16")
    warning = the("E7")
    assert (warning.level, warning.month) == (Level.ORANGE, Month.parse("2026-03"))
    assert warning.amount == 30000 and warning.since == day("2026-05-16")
    assert {w.folded_under for w in opened("E1")} == {warning}
    judge("2026-06-16")
    assert the("E7").level == Level.RED and the("E7").pk == warning.pk
    assert len(the("E7").evidence["rows"]) == 3


def test_e7_a_paid_month_breaks_the_run(site) -> None:
    project, people = site
    for month in ("2026-04", "2026-05"):
        city.sheet(project, month, dict.fromkeys(people, "5000"))
    for person in people:
        city.pay(person, "2026-04", "5000", day("2026-05-15"))
    judge("2026-06-16")
    assert payment_rules() == ["E1", "E1"]


def test_e7_is_of_one_employer(site) -> None:
    project, _ = site
    sub = city.worker(project, city.company())
    city.sheet(project, "2026-04", {sub: "5000"})
    judge("2026-06-16")
    assert not opened("E7")
