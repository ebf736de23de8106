"""A2: the wage deposit is missing, too small or expired; blue before it expires."""

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from alerts.rules import registers, sites
from alerts.rules.base import BLUE, ORANGE, START_UP, ZERO, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from alerts.rules.registers import Held, Securities
from projects.models import Security
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays

_FACTS = (
    *("contract_amount", "deposit_ratio", "permit_date", "contract_date", "start_date"),
    *("complete_date", "known_from", "region_id", "contractor_id", "feed_id"),
)


class Deposit(Rule):
    code = "A2"
    title = Text("工资保证金缺失、不足或到期", "Wage deposit missing, short or expired")
    stage = START_UP
    why = Text(
        "工资保证金是欠薪时最后的支付来源;没有足额保证金,拖欠发生后工人无从先行受偿。",
        "The deposit is the last source of wages when nobody pays; without it in full, workers in "
        "arrears have nothing to fall back on.",
    )
    law = ("Reg. 32", "Reg. 55(2)", "Deposit rule")
    levels = Text(
        "缺失、低于应存金额或已过期为橙色;到期前30日为蓝色。",
        "Orange when missing, below the amount due or expired; blue 30 days before it expires.",
    )
    clears = Text(
        "登记了足额有效的工资保证金(现金、银行保函或保险,可多笔合计)。",
        "Valid deposits (cash, bank guarantee, insurance) on record come to the amount due.",
    )
    needs = ("projects", "securities")
    responsible = ("general",)
    params = (
        Param("days", 20, "days", 1, 60, Text("办理期限(工作日)", "Working days to make it")),
        Param("blue", 30, "days", 1, 180, Text("到期前提醒天数", "Days of notice before expiry")),
        Param(
            "exempt",
            0,
            "money",
            0,
            10_000_000,
            Text("合同价低于此数免存(0为不免)", "Contracts below this are exempt (0: none)"),
        ),
        Param(
            "cap",
            0,
            "money",
            0,
            100_000_000,
            Text("单个项目存储上限(0为无)", "Most that one project deposits (0: no limit)"),
        ),
        registers.STALE,
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        held = scope.once(registers.securities, as_of, scope)[Security.Kind.DEPOSIT]
        calendar = scope.once(WorkingDays.load)
        found = []
        for one in sites.active(as_of, scope):
            row = {name: getattr(one, name) for name in _FACTS}
            project = one.project_id
            if finding := _judged(as_of, project, row, held.get(project, []), calendar, values):
                found.append(finding)
        told = registers.securities_told(as_of, Security.Kind.DEPOSIT) if found else {}
        for finding in found:
            region = finding.data["region_id"]
            finding.data_missing = finding.level == ORANGE and registers.silent(
                told, region, as_of, values["stale"]
            )
            finding.data["told"] = told.get(region[: registers.COUNTY])
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        names = registers.files(one.feed for finding in findings for one in finding.data["held"])
        return [self._one(as_of, finding, names) for finding in findings]

    def _one(self, as_of: dt.date, finding: Finding, names: dict[int | None, str]) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("合同价", "Contract amount", data["contract_amount"], "money")
        if data["deposit_ratio"] is not None:
            made.fact("存储比例", "Ratio", f"{data['deposit_ratio'] * 100:.2f}%")
        made.fact("施工许可日期", "Permit of", data["permit_date"], "date")
        made.fact("合同签订日期", "Contract of", data["contract_date"], "date")
        made.fact("最迟存储日期", "Deposit due by", data["deadline"], "date")
        made.fact("保障日期截至", "Covered until", data["ends"], "date")
        made.fact("本县(区)保证金登记最近收到", "County register received", data["told"], "date")
        if data["required"] is not None:
            valid = data["valid"]
            zh, en = ("有效保证金合计", "Valid deposits")
            if data["ends"]:
                zh, en = ("到期后有效保证金合计", "Valid deposits after that day")
            made.step("", "应存金额", "Deposit due", data["required"], "money")
            made.step("-", zh, en, valid, "money")
            made.step("=", "不足", "Short by", data["required"] - valid, "money")
        elif data["ends"]:
            made.step("=", "距到期天数", "Days to expiry", (data["ends"] - as_of).days, "days")
        else:
            made.step("=", "有效保证金合计", "Valid deposits", ZERO, "money")
        registers.add_securities(made, data["held"], as_of, names)
        if data["feed_id"]:
            made.feeds.add(data["feed_id"])
        return made


def _judged(
    as_of: dt.date,
    project: int,
    row: dict[str, Any],
    held: list[Held],
    calendar: WorkingDays,
    values: Values,
) -> Finding | None:
    amount, ratio = row["contract_amount"], row["deposit_ratio"]
    if amount is not None and amount < values["exempt"]:
        return None
    secured = Securities(held, _required(amount, ratio, values["cap"]))
    if not secured.short(as_of):
        ends = secured.ends(as_of, values["blue"])
        if ends is None or (row["complete_date"] and row["complete_date"] <= ends):
            return None
        level, since, deadline, seen = BLUE, ends - values["blue"] * DAY, None, ends + DAY
    else:
        deadline = calendar.add(_begins(row), values["days"])
        if as_of <= deadline:
            return None
        level, ends, seen = ORANGE, None, as_of
        since = secured.short_since(deadline + DAY, as_of)
    valid = secured.total(seen)
    return Finding(
        project,
        row["contractor_id"],
        None,
        level,
        since,
        amount=(secured.required or ZERO) - valid if secured.required else ZERO,
        data=row
        | {
            "held": held,
            "required": secured.required,
            "valid": valid,
            "deadline": deadline,
            "ends": ends,
        },
    )


def _begins(row: dict[str, Any]) -> dt.date:
    """The day from which the twenty working days run: of the permit, or of the contract where there
    is none, but not before the work began (65号: after the permit or the start report)."""
    if row["permit_date"]:
        return row["permit_date"]  # type: ignore[no-any-return]
    dates = [day for day in (row["contract_date"], row["start_date"]) if day]
    return max(dates, default=row["known_from"])


def _required(amount: Decimal | None, ratio: Decimal | None, cap: int) -> Decimal | None:
    """Contract amount x ratio, at most the region's cap; None when one of them is not known."""
    if amount is None or ratio is None:
        return None
    due = (amount * ratio).quantize(ZERO, ROUND_HALF_UP)
    return min(due, Decimal(cap)) if cap else due
