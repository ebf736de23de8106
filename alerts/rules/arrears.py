"""What the payment rules share: lateness levels, the arithmetic of arrears, rows of workers."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from alerts.rules.base import ORANGE, RED, YELLOW, ZERO, Finding, Param, Scope, Values
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import claims, coverage
from payroll.claims import Claim
from payroll.models import Arrear, Cycle, Sheet
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on
from wagewatch.months import Month

LATENESS = (
    Param(
        "grace_days", 0, "days", 0, 30, Text("发薪日后宽限天数", "Days of grace after the payday")
    ),
    Param("orange", 8, "days", 2, 90, Text("逾期满几日为橙色", "Orange from day")),
    Param("red", 31, "days", 3, 365, Text("逾期满几日为红色", "Red from day")),
)
LATENESS_LEVELS = Text(
    "发薪日次日起为黄色,第8日起为橙色,第31日起为红色。",
    "Yellow from day 1 after the payday, orange from day 8, red from day 31.",
)

COLUMNS = (
    *WORKER_COLUMNS,
    Column("row", "表中行号", "Row", "count"),
    Column("file", "文件", "File"),
    Column("due", "应发", "Due", "money"),
    Column("paid", "已发", "Paid", "money"),
    Column("unpaid", "未发", "Unpaid", "money"),
    Column("payments", "银行流水", "Bank entries"),
)

CYCLE_COLUMNS = (
    Column("month", "工资月份", "Month worked", "month"),
    Column("payday", "发薪日", "Payday", "date"),
    Column("file", "工资支付表", "Pay sheet"),
    Column("people", "未发人数", "Workers unpaid", "count"),
    Column("due", "应发", "Due", "money"),
    Column("paid", "已发", "Paid", "money"),
    Column("unpaid", "未发", "Unpaid", "money"),
)


def lateness(days: int, values: Values) -> int:
    """The level of day `days` after the payday."""
    return RED if days >= values["red"] else ORANGE if days >= values["orange"] else YELLOW


def overdue(as_of: dt.date, scope: Scope) -> list[Cycle]:
    """Cycles whose payday has passed with something unpaid, by project, employer and month. Many
    rules ask: `scope.once(arrears.overdue, as_of, scope)`."""
    cycles = Cycle.objects.filter(scope.q(), payday__lt=as_of, unpaid__gt=0)
    return list(cycles.order_by("project_id", "employer_id", "month"))


def proved(cycles: Iterable[Cycle], covered: coverage.Coverage) -> list[Cycle]:
    """Those whose payday the bank data reach, no statement missing since the month worked. What
    is proved of some months stays proved while the file of another's payday has not come."""
    return [cycle for cycle in cycles if not covered.misses(cycle.payday, since=cycle.month.first)]


def judged(as_of: dt.date, cycles: Iterable[Cycle], values: Values) -> list[Finding]:
    """One finding for each cycle that is overdue by more than the days of grace, marked where the
    bank data end before the payday or a statement since the month worked is missing."""
    grace = values["grace_days"]
    held = [cycle for cycle in cycles if (as_of - cycle.payday).days > grace]
    reach = coverage.of(as_of, {cycle.project_id for cycle in held}) if held else {}
    return [
        Finding(
            cycle.project_id,
            cycle.employer_id,
            cycle.month,
            lateness((as_of - cycle.payday).days, values),
            cycle.payday + (1 + grace) * DAY,
            workers=cycle.unpaid_people,
            amount=cycle.unpaid,
            data_missing=reach.get(cycle.project_id, coverage.NO_ACCOUNT).misses(
                cycle.payday, since=cycle.month.first
            ),
            data={
                "sheet": cycle.sheet_id,
                "received": cycle.sheet_received,
                "payday": cycle.payday,
                "provisional": cycle.provisional,
                "days": (as_of - cycle.payday).days,
                "people": cycle.sheet_people,
                "due": cycle.due,
                "paid": cycle.paid,
                "paid_people": cycle.paid_people,
                "returned": cycle.returned,
                "last_paid_on": cycle.last_paid_on,
                "covered": reach.get(cycle.project_id, coverage.NO_ACCOUNT).until,
            },
        )
        for cycle in held
    ]


def evidence(as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
    """Sheet, payday, what is due, paid and open, and each worker who is owed."""
    # The ledger of the day judged names the few workers of these cycles who are owed.
    owing = Arrear.objects.filter(project__in={finding.project_id for finding in findings})
    owed = claims.of(
        as_of,
        {finding.cycle for finding in findings},
        unpaid_only=True,
        engagements=owing.order_by().values("engagement"),
    )
    pay_days = dict(
        Sheet.objects.filter(
            known_on(as_of),
            pk__in={finding.data["sheet"] for finding in findings if finding.data["sheet"]},
        ).values_list("pk", "version")
    )
    return [_one(finding, owed[finding.cycle], pay_days) for finding in findings]


def _one(finding: Finding, owed: list[Claim], versions: dict[int, int]) -> Evidence:
    data, made = finding.data, Evidence()
    made.fact("工资月份", "Month worked", finding.month, "month")
    made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
    made.fact("工资支付表版本", "Version of the sheet", versions.get(data["sheet"]), "count")
    made.fact("表内人数", "Workers on the sheet", data["people"], "count")
    made.fact("发薪日", "Payday", data["payday"], "date")
    made.fact("逾期天数", "Days late", data["days"], "days")
    made.fact("足额发放人数", "Workers paid in full", data["paid_people"], "count")
    made.fact("最近发放日期", "Last payment", data["last_paid_on"], "date")
    made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
    paid_out = data["paid"] + data["returned"]
    made.step("", "应发合计", "Due", data["due"], "money")
    made.step("-", "银行已发", "Paid by the bank", paid_out, "money")
    made.step("+", "退汇", "Returned", data["returned"], "money")
    over = finding.amount - (data["due"] - paid_out + data["returned"])
    if over:
        made.step("+", "多发给其他工人、不能抵扣", "Overpaid to others, not set off", over, "money")
    made.step("=", "未发合计", "Unpaid", finding.amount, "money")
    made.table(COLUMNS, (row(claim) for claim in owed))
    made.feeds = feeds(owed)
    return made


def row(claim: Claim) -> dict[str, Any]:
    line = claim.line
    return {
        "worker": claim.name,
        "id": claim.masked_id,
        "row": line.row,
        "file": line.filename,
        "due": claim.due,
        "paid": claim.paid,
        "unpaid": claim.unpaid,
        "payments": "; ".join(
            f"{payment.booked_on} {payment.reference} {payment.amount:.2f}"
            f"{' ' + payment.reason if payment.reason else ''}"
            for payment in claim.payments
        ),
    }


def feeds(owed: Iterable[Claim]) -> set[int]:
    """The feeds that these claims rest on."""
    return {
        feed
        for claim in owed
        for feed in (
            *(line.feed_id for line in claim.lines),
            *(payment.feed_id for payment in claim.payments),
        )
    }


def sheets(cycles: Iterable[Cycle]) -> dict[int, tuple[int, str]]:
    """The feed and the file of each of these cycles' sheets. One query."""
    wanted = {cycle.sheet_id for cycle in cycles if cycle.sheet_id}
    return {
        pk: (feed, filename)
        for pk, feed, filename in Sheet.objects.filter(pk__in=wanted).values_list(
            "pk", "feed", "feed__filename"
        )
    }


def add_cycles(
    made: Evidence, cycles: Sequence[Cycle], total: Decimal, held: dict[int, tuple[int, str]]
) -> None:
    """What several cycles leave unpaid month by month, the total, and a row for each cycle;
    `held` are their sheets."""
    months: dict[Month, Decimal] = {}
    for cycle in cycles:
        months[cycle.month] = months.get(cycle.month, ZERO) + cycle.unpaid
    for index, (month, unpaid) in enumerate(sorted(months.items())):
        zh, en = f"{month} 未发", f"Unpaid for {month}"
        made.step("+" if index else "", zh, en, unpaid, "money")
    made.step("=", "未发合计", "Unpaid in all", total, "money")
    made.table(
        CYCLE_COLUMNS,
        (
            {
                "month": cycle.month,
                "payday": cycle.payday,
                "file": held[cycle.sheet_id][1] if cycle.sheet_id else "",
                "people": cycle.unpaid_people,
                "due": cycle.due,
                "paid": cycle.paid,
                "unpaid": cycle.unpaid,
            }
            for cycle in cycles
        ),
    )
    made.feeds |= {held[cycle.sheet_id][0] for cycle in cycles if cycle.sheet_id}
