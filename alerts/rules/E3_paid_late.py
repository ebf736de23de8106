"""E3: everything of the cycle is paid, but part of it after the payday."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.models import F

from alerts.rules import arrears
from alerts.rules.base import BLUE, PAYMENT, ZERO, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Column, Evidence
from payroll import claims
from payroll.claims import CASH, Claim
from payroll.models import Cycle
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY

COLUMNS = (
    *(column for column in arrears.COLUMNS if column.key not in ("unpaid", "payments")),
    Column("late", "逾期发放", "Paid late", "money"),
    Column("settled", "付清日期", "Paid in full on", "date"),
    Column("days", "逾期天数", "Days late", "days"),
    Column("payments", "银行流水", "Bank entries"),
)


class PaidLate(Rule):
    code = "E3"
    title = Text("工资逾期发放", "Wages paid late")
    stage = PAYMENT
    why = Text(
        "工资已足额发放,但部分或全部晚于约定的发薪日;反复逾期往往先于欠薪。",
        "Everything is paid, but some or all of it after the agreed payday; paying late again and "
        "again often comes before not paying.",
    )
    law = ("Reg. 12", "Reg. 14", "Reg. 31")
    levels = Text("蓝色。", "Blue.")
    clears = Text(
        "付清后满规定天数自动解除;付清前按E1、E2处理。",
        "It clears by itself some days after the last wage was paid; until then it is E1 or E2.",
    )
    needs = ("payroll", "bank")
    responsible = ("general", "employer")
    params = (
        Param("days", 31, "days", 1, 365, Text("付清后保留天数", "Days shown after the payment")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cycles = list(
            Cycle.objects.filter(
                scope.q(),
                due__gt=0,
                unpaid=0,
                last_paid_on__gt=F("payday"),
                last_paid_on__gte=as_of - values["days"] * DAY,
            )
        )
        keys = {(cycle.project_id, cycle.employer_id, cycle.month) for cycle in cycles}
        held = claims.of(as_of, keys, named=False)
        found = []
        for cycle in cycles:
            late = _late(held[(cycle.project_id, cycle.employer_id, cycle.month)], cycle.payday)
            settled = max((settled for _, _, settled in late), default=None)
            if settled is None or (as_of - settled).days > values["days"]:
                continue
            found.append(_finding(cycle, late, settled, values["days"]))
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        claims.name([claim for finding in findings for claim, _, _ in finding.data["late"]])
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        late: list[tuple[Claim, Any, dt.date]] = data["late"]
        due = sum((claim.due for claim, _, _ in late), ZERO)
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
        made.fact("发薪日", "Payday", data["payday"], "date")
        made.fact("付清日期", "Paid in full on", data["settled"], "date")
        made.fact("逾期天数", "Days late", (data["settled"] - data["payday"]).days, "days")
        made.fact("逾期发放人数", "Workers paid late", finding.workers, "count")
        made.fact("表内人数", "Workers on the sheet", data["people"], "count")
        made.fact("自动解除日期", "Clears on", data["until"], "date")
        made.step("", "所列工人应发", "Due to the workers listed", due, "money")
        on_time = due - finding.amount
        made.step("-", "发薪日前已发且未退回", "Paid by the payday and kept", on_time, "money")
        made.step("=", "逾期发放", "Paid late", finding.amount, "money")
        made.table(
            COLUMNS,
            (
                arrears.row(claim)
                | {"late": short, "settled": settled, "days": (settled - data["payday"]).days}
                for claim, short, settled in late
            ),
        )
        made.feeds = arrears.feeds(claim for claim, _, _ in late)
        return made


def _finding(
    cycle: Cycle, late: list[tuple[Claim, Any, dt.date]], settled: dt.date, shown: int
) -> Finding:
    return Finding(
        cycle.project_id,
        cycle.employer_id,
        cycle.month,
        BLUE,
        cycle.payday + DAY,
        workers=len(late),
        amount=sum((short for _, short, _ in late), ZERO),
        data={
            "late": late,
            "received": cycle.sheet_received,
            "payday": cycle.payday,
            "people": cycle.sheet_people,
            "settled": settled,
            "until": settled + (shown + 1) * DAY,
        },
    )


def _late(owed: Sequence[Claim], payday: dt.date) -> list[tuple[Claim, Any, dt.date]]:
    """The claims that were open after the payday: how much at most, and when they were settled."""
    found = []
    for claim in owed:
        short, settled = _course(claim, payday)
        if short > 0 and settled is not None:
            found.append((claim, short, settled))
    return found


def _course(claim: Claim, payday: dt.date) -> tuple[Any, dt.date | None]:
    """The most that was open of a claim at the end of any day from the payday on, and the day
    from which nothing was. Cash counts as paid in time: the day of the worker's confirmation is
    not the day on which the money was handed over."""
    prompt = [p for p in claim.payments if p.booked_on <= payday or p.reference == CASH]
    later = [p for p in claim.payments if p.booked_on > payday and p.reference != CASH]
    paid = sum((payment.amount for payment in prompt), ZERO)
    short = max(ZERO, claim.due - paid)
    settled = None if short else payday
    for day, payments in groupby(
        sorted(later, key=lambda payment: payment.booked_on), key=lambda payment: payment.booked_on
    ):
        paid += sum((payment.amount for payment in payments), ZERO)
        if paid < claim.due:
            short, settled = max(short, claim.due - paid), None
        elif settled is None:
            settled = day
    return short, settled
