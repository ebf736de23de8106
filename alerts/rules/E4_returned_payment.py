"""E4: a payment came back and was not paid again within five working days."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from alerts.rules import arrears
from alerts.rules.base import (
    PAYMENT,
    YELLOW,
    ZERO,
    Finding,
    Fold,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import claims, coverage
from payroll.claims import Claim, CycleKey
from payroll.models import PaymentMatch
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays

COLUMNS = (
    *WORKER_COLUMNS,
    Column("returned_on", "退汇日期", "Returned", "date"),
    Column("reference", "退汇流水号", "Reference of the return"),
    Column("reason", "退汇原因", "Reason"),
    Column("returned", "退汇金额", "Returned sum", "money"),
    Column("repay_by", "应重发日期", "Repay by", "date"),
    Column("due", "应发", "Due", "money"),
    Column("paid", "实际到账", "Paid, net", "money"),
    Column("unpaid", "未发", "Unpaid", "money"),
)


def all_workers(mine: Finding, other: Finding) -> bool:
    """Every worker that the other is about is one of mine, in the same cycle."""
    return mine.cycle == other.cycle and mine.workers == other.workers


class ReturnedPayment(Rule):
    code = "E4"
    title = Text("退汇工资未及时重发", "Returned wage not paid again")
    stage = PAYMENT
    why = Text(
        "银行退回的工资没有到工人手中,应当尽快更正账号重新发放。",
        "A wage that the bank sent back never reached the worker; the account must be corrected "
        "and the wage paid again.",
    )
    law = ("Reg. 12", "Reg. 31")
    levels = Text("黄色。", "Yellow.")
    clears = Text("退汇工资已重新发放到账。", "The returned wages are paid again.")
    needs = ("payroll", "bank")
    responsible = ("general", "employer")
    params = (
        Param("days", 5, "workdays", 1, 30, Text("重发期限(工作日)", "Working days to repay")),
    )
    hides = (Fold(("E2",), all_workers),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        calendar = scope.once(WorkingDays.load)
        latest = _latest_return(calendar, as_of, values["days"])
        returned = (
            PaymentMatch.objects.filter(
                scope.q("engagement__project"), is_return=True, known_from__lte=as_of
            )
            .order_by()
            .values("engagement", "month")
            .annotate(on=Max("booked_on"))
            .filter(on__lte=latest)
            .values_list(
                *("engagement__project", "engagement__employer", "month", "engagement", "on")
            )
        )
        late: dict[CycleKey, dict[int, dt.date]] = {}
        for project, employer, month, engagement, on in returned:
            late.setdefault((project, employer, month), {})[engagement] = on
        returned_to = {engagement for returns in late.values() for engagement in returns}
        owed = claims.of(as_of, late, unpaid_only=True, engagements=returned_to)
        reach = coverage.of(as_of, {key[0] for key in late}) if late else {}
        found = []
        for key, returns in late.items():
            open_claims = [claim for claim in owed[key] if claim.engagement_id in returns]
            if not open_claims:
                continue
            repay_by = {
                claim.engagement_id: calendar.add(returns[claim.engagement_id], values["days"])
                for claim in open_claims
            }
            covered = reach.get(key[0], coverage.NO_ACCOUNT)
            seen = [
                claim for claim in open_claims if not covered.misses(repay_by[claim.engagement_id])
            ]
            open_claims = seen or open_claims
            found.append(
                Finding(
                    *key,
                    YELLOW,
                    min(repay_by[claim.engagement_id] for claim in open_claims) + DAY,
                    workers=len(open_claims),
                    amount=sum((claim.unpaid for claim in open_claims), ZERO),
                    data_missing=not seen,
                    data={
                        "claims": open_claims,
                        "repay_by": repay_by,
                        "covered": covered.until,
                        "allowed": values["days"],
                    },
                )
            )
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        owed: list[Claim] = data["claims"]
        due = sum((claim.due for claim in owed), ZERO)
        returned = sum((claim.returned for claim in owed), ZERO)
        paid_out = sum((claim.paid for claim in owed), ZERO) + returned
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("退汇未重发人数", "Workers whose wage came back", finding.workers, "count")
        made.fact("重发期限(工作日)", "Working days to repay", data["allowed"], "days")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        made.step("", "所列工人应发", "Due to the workers listed", due, "money")
        made.step("-", "银行已发", "Paid by the bank", paid_out, "money")
        made.step("+", "退汇", "Returned", returned, "money")
        made.step("=", "仍未发", "Still unpaid", finding.amount, "money")
        made.table(COLUMNS, (_row(claim, data["repay_by"]) for claim in owed))
        made.feeds = arrears.feeds(owed)
        return made


def _latest_return(calendar: WorkingDays, as_of: dt.date, days: int) -> dt.date:
    """The latest day on which a return is overdue on `as_of`: its `days`-th working day after is
    before `as_of`."""
    day = as_of - days * DAY
    while calendar.add(day, days) >= as_of:
        day -= DAY
    return day


def _row(claim: Claim, repay_by: dict[int, dt.date]) -> dict[str, Any]:
    last = [payment for payment in claim.payments if payment.is_return][-1]
    return {
        "worker": claim.name,
        "id": claim.masked_id,
        "returned_on": last.booked_on,
        "reference": last.reference,
        "reason": last.reason,
        "returned": claim.returned,
        "repay_by": repay_by[claim.engagement_id],
        "due": claim.due,
        "paid": claim.paid,
        "unpaid": claim.unpaid,
    }
