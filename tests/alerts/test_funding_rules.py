"""B2, B4, B5: must fire, must not, the days at the edges, and what the bank data prove."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import parameters
from alerts.models import Level
from alerts.rules import catalogue
from payroll.models import BankEntry
from projects.models import Account, AccountVersion, Project, Region
from tests import factories as city
from tests.alerts.judge import day, judge, opened, the, value
from wagewatch import vault
from wagewatch.months import Month

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return get_user_model().objects.create_user("inspector")


# B2: 100,000 a month agreed; the work began on 1 January 2026.


def funded(*credits: tuple[str, str], **facts: Any) -> Project:
    """The bank data reach far, and are known from the first day on."""
    facts = {"start_date": day("2026-01-01"), "labour_cost_monthly": Decimal(100_000)} | facts
    project = city.project(**facts)
    city.statement(project, day("2028-12-31"), known=day("2026-01-01"))
    for on, amount in credits:
        city.credit(project, amount, day(on), known=day(on))
    return project


@pytest.mark.parametrize(
    ("paid", "short"), [("100000", None), ("99999.99", "0.01"), ("40000", "60000.00")]
)
def test_b2_a_month_that_fell_short(paid: str, short: str | None) -> None:
    project = funded(("2026-02-10", "100000"), ("2026-03-10", paid))
    judge("2026-03-31")
    assert not opened("B2")  # the month has not ended
    judge("2026-04-01")
    assert [str(warning.amount) for warning in opened("B2")] == ([short] if short else [])
    if short:
        warning = the("B2")
        assert (warning.company, warning.month) == (project.owner, Month.parse("2026-03"))
        assert (warning.level, warning.since) == (Level.YELLOW, day("2026-04-01"))
        assert value(warning, "Due in the month", "arithmetic") == "100000.00"
        assert value(warning, "Short by", "arithmetic") == short
        assert [row["amount"] for row in warning.evidence["rows"]] == [f"{Decimal(paid):.2f}"]
        assert warning.evidence["sources"] and not warning.data_missing
        assert [p["role"] for p in warning.evidence["responsible"]] == ["owner"]


def test_b2_parts_count_together_and_so_does_what_was_paid_ahead() -> None:
    funded(("2026-02-03", "100000"), ("2026-03-01", "60000"), ("2026-03-31", "40000"))
    funded(("2026-02-03", "100000"), ("2026-02-28", "60000"), ("2026-03-20", "40000"))
    judge("2026-04-15")
    assert not opened("B2")


def test_b2_made_good_by_what_exceeds_this_month_s_own() -> None:
    project = funded(("2026-02-03", "100000"), ("2026-03-03", "70000"), ("2026-04-03", "100000"))
    judge("2026-04-20")
    assert the("B2").amount == 30_000  # April's credit is April's
    city.credit(project, "20000", day("2026-04-21"), known=day("2026-04-22"))
    judge("2026-04-21")
    assert the("B2").amount == 30_000
    judge("2026-04-22")
    assert the("B2").amount == 10_000
    entry = city.credit(project, "10000", day("2026-04-23"), known=day("2026-04-23"))
    judge("2026-04-23")
    assert not opened("B2")
    warning = entry.account.project.warnings.get(rule="B2")
    back = city.give_back(entry, day("2026-04-24"), known=day("2026-04-25"))
    BankEntry.objects.filter(pk=back.pk).update(is_credit=False)
    judge("2026-04-25")
    assert the("B2").pk == warning.pk and the("B2").amount == 10_000
    judge("2026-04-22")
    assert the("B2").amount == 10_000
    judge("2026-05-01")
    assert not opened("B2")  # April had its own


def test_b2_the_next_month_is_judged_by_itself() -> None:
    funded(*((f"2026-0{month}-03", "90000") for month in range(2, 6)))
    for as_of, month in (("2026-03-01", "2026-02"), ("2026-04-30", "2026-03")):
        judge(as_of)
        assert the("B2").month == Month.parse(month) and the("B2").amount == 10_000


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2026-02-01", "100000.00"),
        ("2026-02-15", "50000.00"),
        ("2026-02-28", "3571.43"),
        ("2026-03-01", None),  # March is the month in which the work begins
    ],
)
def test_b2_the_first_months(start: str, first: str | None) -> None:
    """What is due in March is the share of February by the days from the start on."""
    funded(start_date=day(start), contract_date=day("2026-01-15"))
    judge("2026-04-01")
    assert [str(warning.amount) for warning in opened("B2")] == ([first] if first else [])


def test_b2_leap_day() -> None:
    funded(start_date=day("2028-02-29"))
    judge("2028-03-31")
    assert not opened("B2")
    judge("2028-04-01")
    assert the("B2").amount == Decimal("3448.28") and the("B2").month == Month.parse("2028-03")


def test_b2_not_after_the_end_nor_around_a_pause() -> None:
    funded(complete_date=day("2026-04-01"))
    paused = funded()
    city.change_project(paused, day("2026-02-10"), status="005")
    city.change_project(paused, day("2026-02-20"), status="003")
    judge("2026-04-01")
    assert not opened("B2")
    judge("2026-05-01")
    assert the("B2").project == paused


def test_b2_a_month_without_a_credit_waits_for_the_31_days() -> None:
    """Credits of 31 March and 1 May are a month apart, though April has none."""
    project = funded(("2026-02-27", "100000"), ("2026-03-31", "100000"))
    judge("2026-05-01")
    assert not opened("B2") and not opened("B1")
    judge("2026-05-02")
    assert the("B2").since == day("2026-05-02")
    assert the("B2").folded_under == the("B1")
    city.credit(project, "100000", day("2026-05-01"), known=day("2026-05-03"))
    judge("2026-05-03")
    assert not opened("B2") and not opened("B1")


def test_b2_accuses_only_when_the_bank_data_reach_the_month_s_end() -> None:
    facts = {"start_date": day("2026-01-01"), "labour_cost_monthly": Decimal(100_000)}
    project = city.project(**facts)
    city.credit(project, "60000", day("2026-03-05"))
    judge("2026-04-02")
    assert the("B2").data_missing  # no bank data at all
    city.statement(project, day("2026-03-30"))
    judge("2026-04-02")
    assert the("B2").data_missing
    city.statement(project, day("2026-03-31"))
    judge("2026-04-02")
    assert not the("B2").data_missing
    judge("2026-03-31")
    assert not opened("B2", month=Month.parse("2026-03"))


def test_b2_needs_an_account_and_an_amount_and_takes_the_lower_one() -> None:
    funded(labour_cost_monthly=None)
    city.project(account=False, labour_cost_monthly=Decimal(10))
    late = city.project(account=False, labour_cost_monthly=Decimal(10))
    city.open_account(late, day("2026-03-02"))
    raised = funded(("2026-02-03", "100000"), ("2026-03-03", "100000"))
    city.change_project(raised, day("2026-04-02"), labour_cost_monthly=Decimal(150_000))
    judge("2026-04-02")
    assert not opened("B2")


def test_b2_tolerance_by_region(user) -> None:
    funded(("2026-02-03", "100000"), ("2026-03-03", "95000"))
    funded(("2026-02-03", "100000"), ("2026-03-03", "94999"))
    judge("2026-04-01")
    assert len(opened("B2")) == 2
    rule, region = catalogue()["B2"], Region.objects.get(code="330902")
    since = day("2026-04-02")
    parameters.set_value(
        rule, "tolerance", region, 5, since, "示例文件", user, on=since, reason="示例"
    )
    judge("2026-04-02")
    assert the("B2").amount == 5001


# B4


def paid_out(project: Project, amount: str, on: str, name: str = "示例建材", **fields: Any) -> Any:
    """A debit from the project's account, to a company's account unless told otherwise."""
    number = fields.pop("number", "3301234567890")
    account = fields.pop("account", None) or Account.objects.filter(project=project).first()
    return BankEntry.objects.create(
        account=account,
        reference=f"X{BankEntry.objects.count()}",
        kind=fields.pop("kind", "debit"),
        booked_on=day(on),
        amount=Decimal(amount),
        is_credit=False,
        counterparty_name=name,
        counterparty_hash=vault.blind(number) if number else None,
        counterparty_masked="33***90" if number else "",
        feed_id=city.feed(day(on), "bank", "流水.csv").pk,
        known_from=day(fields.pop("known", on)),
        **fields,
    )


def test_b4_one_warning_for_each_month_with_its_entries() -> None:
    project = city.project()
    paid_out(project, "8000", "2026-03-31", known="2026-04-02")
    judge("2026-04-01")
    assert not opened("B4")
    paid_out(project, "500.50", "2026-03-02")
    paid_out(project, "70", "2026-04-01")
    judge("2026-04-02")
    assert {str(w.month): str(w.amount) for w in opened("B4")} == {
        "2026-03": "8500.50",
        "2026-04": "70.00",
    }
    warning = the("B4", month=Month.parse("2026-03"))
    assert (warning.company, warning.level) == (project.contractor, Level.ORANGE)
    assert warning.since == day("2026-03-02") and not warning.data_missing
    assert [row["payee"] for row in warning.evidence["rows"]] == ["示例建材"] * 2
    assert {source["filename"] for source in warning.evidence["sources"]} == {"流水.csv"}


def test_b4_given_back_and_replayed() -> None:
    entry = paid_out(city.project(), "8000", "2026-03-02")
    judge("2026-03-10")
    warning = the("B4")
    city.give_back(entry, day("2026-03-11"), known=day("2026-03-12"))
    judge("2026-03-11")
    assert opened("B4")
    judge("2026-03-12")
    assert not opened("B4")
    judge("2026-03-11")
    assert the("B4").pk == warning.pk


def test_b4_what_is_lawful() -> None:
    project = city.project()
    person = city.worker(project)
    city.debit(project, person, "5000", day("2026-03-02"), kind="wage")
    paid_out(project, "200", "2026-03-03", name="", number="")
    paid_out(project, "35", "2026-03-03", name="示例银行定海支行")
    paid_out(project, "900", "2026-03-03", name="国家税务总局舟山市税务局")
    second = city.open_account(project, day("2026-03-01"))
    paid_out(project, "90000", "2026-03-04", name=project.contractor.name, number=second.number)
    judge("2026-03-20")
    assert not opened("B4")


def test_b4_a_large_charge_is_none() -> None:
    paid_out(city.project(), "201", "2026-03-03", name="示例银行")
    judge("2026-03-20")
    assert not the("B4").data_missing


def test_b4_without_the_payee_s_account_nothing_is_proved() -> None:
    project = city.project()
    paid_out(project, "9000", "2026-03-03", number="")
    judge("2026-03-20")
    assert the("B4").data_missing and the("B4").amount == 9000
    paid_out(project, "1000", "2026-03-04")
    judge("2026-03-20")
    warning = the("B4")
    assert not warning.data_missing and warning.amount == 1000
    assert value(warning, "Payee's account not told", "arithmetic") == "9000.00"
    assert len(warning.evidence["rows"]) == 2


def test_b4_the_balance_is_the_contractor_s_after_completion_only() -> None:
    project = city.project()
    paid_out(project, "9000", "2026-03-19", name=project.contractor.name)
    judge("2026-03-19")
    assert opened("B4")
    paid_out(project, "9000", "2026-03-20", name=project.contractor.name)
    city.change_project(project, day("2026-03-20"), status="004", complete_date=day("2026-03-20"))
    judge("2026-03-20")
    assert the("B4").amount == 9000 and the("B4").evidence["rows"][0]["booked_on"] == "2026-03-19"


def test_b4_leaves_to_e6_what_e6_tells() -> None:
    """B4 until a sheet of the other project shows whose wage it is."""
    host, other = city.project(), city.project()
    person = city.worker(other)
    city.debit(host, person, "5000", day("2026-03-20"), purpose="2026-03工资")
    judge("2026-03-25")
    assert opened("B4") and not opened("E6")
    city.sheet(other, "2026-03", {person: "5000"})
    judge("2026-04-05")
    assert not opened("B4") and the("E6").project == other


# B5: the wages of March; sheet of 5 April, payday 15 April 2026.


def frozen(known: str = "2026-04-08", **facts: Any) -> Project:
    project = city.project()
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    city.statement(project, day("2026-12-31"), closing="9999", known=day("2026-04-01"))
    change_account(project, known, **({"status": "frozen"} | facts))
    return project


def change_account(project: Project, known: str, **facts: Any) -> None:
    account = Account.objects.filter(project=project).earliest("pk")
    version = AccountVersion.objects.get(account=account, known_until__isnull=True)
    AccountVersion.objects.filter(pk=version.pk).update(known_until=day(known))
    AccountVersion.objects.create(
        account=account,
        known_from=day(known),
        open_date=version.open_date,
        feed_id=city.feed(day(known), "accounts").pk,
        **facts,
    )


def test_b5_frozen_while_wages_are_unpaid_even_before_the_payday() -> None:
    project = frozen()
    judge("2026-04-07")
    assert not opened("B5")
    judge("2026-04-08")
    warning = the("B5")
    assert (warning.company, warning.level) == (project.contractor, Level.RED)
    assert (warning.since, warning.amount, warning.workers) == (day("2026-04-08"), 5000, 1)
    assert not warning.data_missing
    assert value(warning, "Unpaid in all", "arithmetic") == "5000.00"
    assert warning.evidence["rows"][0]["employer"] == project.contractor.name
    change_account(project, "2026-04-12", status="frozen")  # told again: the day stays
    judge("2026-04-12")
    assert the("B5").since == day("2026-04-08")
    change_account(project, "2026-04-13", status="open")
    judge("2026-04-13")
    assert not opened("B5")
    change_account(project, "2026-04-14", status="frozen")
    judge("2026-04-14")
    assert the("B5").pk == warning.pk and the("B5").since == day("2026-04-14")
    judge("2026-04-10")
    assert the("B5").since == day("2026-04-08")


def test_b5_clears_when_paid_and_counts_from_the_sheet() -> None:
    project = frozen("2026-03-20")
    judge("2026-04-04")
    assert not opened("B5")  # nothing that we know of is unpaid
    judge("2026-04-05")
    assert the("B5").since == day("2026-04-05")
    city.pay(project.engagements.get(), "2026-03", "5000", day("2026-04-06"))
    judge("2026-04-07")
    assert not opened("B5")


def test_b5_not_while_another_account_can_pay() -> None:
    project = frozen()
    second = city.open_account(project, day("2026-04-09"))
    city.statement(project, day("2026-12-31"), known=day("2026-04-09"))
    judge("2026-04-09")
    assert not opened("B5")
    version = AccountVersion.objects.get(account=second)
    AccountVersion.objects.filter(pk=version.pk).update(status="frozen")
    judge("2026-04-09")
    assert the("B5").since == day("2026-04-09")  # the last to stop


def test_b5_closed_takes_a1_and_f2_under_it() -> None:
    frozen("2026-04-20", status="closed", close_date=day("2026-04-20"))
    judge("2026-04-20")
    warning = the("B5")
    assert {the(rule).folded_under for rule in ("A1", "F2")} == {warning}
    assert warning.folded_under is None and value(warning, "Since") == "2026-04-20"


def test_b5_data_missing_until_the_bank_data_reach_the_day() -> None:
    project = city.project()
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    city.statement(project, day("2026-04-07"))
    change_account(project, "2026-04-08", status="frozen")
    judge("2026-04-08")
    assert the("B5").data_missing  # it may have been paid on the 8th
    city.statement(project, day("2026-04-08"))
    judge("2026-04-09")
    assert not the("B5").data_missing


# all


def test_queries_do_not_grow() -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            frozen()
            paid_out(funded(("2026-03-05", "10")), "8000", "2026-03-02")
        judge("2026-04-09")
        with CaptureQueriesContext(connection) as queries:
            judge("2026-04-10")
        counts.append(len(queries))
    assert {"B2", "B4", "B5"} <= {warning.rule for warning in project_warnings()}
    assert counts[0] == counts[1]


def project_warnings() -> list[Any]:
    return [warning for rule in ("B2", "B4", "B5") for warning in opened(rule)]
