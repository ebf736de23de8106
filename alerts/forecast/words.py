"""What an outlook says to its readers: why it is uncertain, the arithmetic, what to do by when."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alerts.forecast import (
    BY_AGREEMENT,
    DEPENDS,
    ESTIMATED,
    EXTRAPOLATED,
    FEW,
    LATE,
    NO_ACCOUNT,
    NO_RATE,
    NO_RECORD,
    ONE_CYCLE,
    PROVISIONAL,
    SILENT,
    STALE,
    Outlook,
    disbursement,
    wages,
)
from alerts.models import Forecast
from alerts.rules.evidence import Evidence
from payroll.paydays import SHEET_DUE_DAYS
from projects.access import Role
from projects.models import Account, Company
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY

REASONS = {
    STALE: Text("银行数据过旧,无法预测", "Bank data too old to tell"),
    NO_ACCOUNT: Text("没有专用账户,无法预测", "No dedicated account: cannot tell"),
    NO_RATE: Text(
        "有用工单位尚无工资表,也无单价或以往工资可据以估算",
        "An employer has neither a sheet nor a rate nor earlier wages to reckon by",
    ),
    SILENT: Text(
        "上月有人出勤,本月尚无考勤和工资表", "Worked last month; nothing known of this one"
    ),
    ESTIMATED: Text("部分工资表未到,按考勤估算", "Sheets still to come are reckoned by attendance"),
    EXTRAPOLATED: Text("考勤未满月,按工作日推算", "Attendance carried on to the month's end"),
    FEW: Text("估算只依据一期工资表", "Reckoned from a single earlier sheet"),
    BY_AGREEMENT: Text(
        "建设单位尚无拨付记录,按约定的月人工费用计",
        "No record of the owner; the agreed sum is taken",
    ),
    ONE_CYCLE: Text("建设单位只有一期拨付记录", "The owner's record is of a single cycle"),
    NO_RECORD: Text("建设单位无拨付记录,也无约定金额", "No record of the owner and no agreed sum"),
    LATE: Text(
        "建设单位以往此时均已拨付,本期尚未拨付", "The owner had always paid by now, and has not"
    ),
    DEPENDS: Text("是否短缺取决于建设单位能否如期拨付", "Hangs on the owner paying in time"),
    PROVISIONAL: Text(
        "当年放假安排尚未公布,发薪日为暂定", "Payday provisional: calendar not announced"
    ),
}
BASES = {
    wages.SHEET: Text("工资支付表", "Pay sheet"),
    wages.AGREED: Text("考勤×约定单价", "Attendance × agreed rate"),
    wages.CREW: Text("考勤×近期日均工资", "Attendance × recent pay a day"),
    wages.UNKNOWN: Text("无从估算", "Nothing to reckon by"),
    disbursement.RECORD: Text("按以往拨付记录", "By the owner's record"),
    disbursement.NOTHING: Text("无依据,按零计", "Nothing to go by: none"),
}
BY_CONTRACT = Text("按约定的月人工费用", "By the agreed monthly labour cost")


@dataclass
class Line:
    """One employer's wages on the page; `company` as an object."""

    company: Company
    wages: wages.Wages
    basis: Text


def reasons(codes: Iterable[str]) -> list[Text]:
    return [REASONS[code] for code in codes if code in REASONS]


def explain(one: Outlook, shown: Any) -> dict[str, Any]:
    """The outlook for its page: a line for each employer, earlier arrears, and the arithmetic in
    the shape of evidence. `shown` gives an account number as the reader may see it. Two queries."""
    names = Company.objects.in_bulk(
        {line.company for line in one.needs.wages} | {row[0] for row in one.needs.arrears}
    )
    numbers = dict(
        Account.objects.filter(pk__in=[pk for pk, _ in one.accounts]).values_list("pk", "number")
    )
    lines = [Line(names[w.company], w, BASES[w.basis]) for w in one.needs.wages]
    return {
        "lines": lines,
        "arrears": [(names[company], month, sum_) for company, month, sum_ in one.needs.arrears],
        "arithmetic": _arithmetic(one, lines, {pk: shown(n) for pk, n in numbers.items()}),
        "basis": _basis(one),
        "reasons": reasons(one.reasons),
        "confidence": one.confidence,
        "sheet_due": one.payday - SHEET_DUE_DAYS * DAY,
    }


def _arithmetic(one: Outlook, lines: list[Line], numbers: dict[int, str]) -> list[dict[str, Any]]:
    made = Evidence()
    sign = ""
    for line in lines:
        if line.wages.unpaid is not None:
            zh, en = f"{line.company.name} {one.month}", f"{line.company.name} {one.month}"
            made.step(sign, f"{zh} 待发({line.basis.zh})", f"{en} to be paid ({line.basis.en})",
                      line.wages.unpaid, "money")  # fmt: skip
            sign = "+"
    if one.needs.owed_before:
        made.step(sign, "以前月份拖欠", "Unpaid of earlier months", one.needs.owed_before, "money")
    if one.needed is None:
        made.step("=", "发薪日需付", "Needed on the payday", None, "money")
    else:
        made.step("=", "发薪日需付", "Needed on the payday", one.needed, "money")
    for pk, amount in one.accounts:
        made.step("-", f"专用账户 {numbers[pk]} 余额", f"Balance of {numbers[pk]}", amount, "money")
    basis = _basis(one)
    made.step("-", f"发薪日前预计拨付({basis.zh})", f"Expected from the owner ({basis.en})",
              one.expected.amount, "money")  # fmt: skip
    made.step("=", "预计缺口", "Shortfall to be expected", one.shortfall, "money")
    return made.arithmetic


def _basis(one: Outlook) -> Text:
    if one.expected.basis == disbursement.AGREED:
        return BY_CONTRACT
    return BASES[one.expected.basis]


def to_do(kept: Forecast, role: str) -> list[Text]:
    """What a party should do, and by when; for authorities, whom to ask for what."""
    payday, made = kept.payday, []
    short: Decimal = kept.shortfall or Decimal(0)
    due: dt.date = payday - SHEET_DUE_DAYS * DAY
    if kept.sheets_missing and role != Role.OWNER:
        made.append(
            Text(
                f"{due:%m-%d}前报送{kept.sheets_missing}家单位的工资支付表",
                f"Send the pay sheets of {kept.sheets_missing} employers by {due:%m-%d}",
            )
        )
    if short > 0:
        zh, en = f"{payday:%m-%d}前", f"by {payday:%m-%d}"
        if role == Role.GENERAL:
            said = Text(f"{zh}请建设单位拨付或自行补足{short:,.2f}元",
                        f"Have the owner pay in, or top up, CNY {short:,.2f} {en}")  # fmt: skip
        elif role == Role.OWNER:
            said = Text(f"{zh}向专用账户拨付{short:,.2f}元",
                        f"Pay CNY {short:,.2f} into the account {en}")  # fmt: skip
        else:
            said = Text(f"{zh}督促补足{short:,.2f}元", f"See that CNY {short:,.2f} comes {en}")
        made.append(said)
    if STALE in kept.data.get("reasons", ()) and role != Role.OWNER:
        made.append(Text("补报银行流水", "Get the bank's statements"))
    return made
