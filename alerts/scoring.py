"""The standing of companies: a score from weighted facts, each with the warnings behind it.

Facts are the warnings filed under a company, as the last evaluation of the city left them. What is
not proved against it never counts: data missing, dismissed, a dispute upheld, and matters of which
an authority is master. Weights and limits are parameters with a history, like those of rules; they
are set for the whole city. A company of which nothing is known has no score.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Min, Q

from alerts import parameters
from alerts.models import Answer, Inspection, Level, Notice, Standing, Warning
from alerts.rules.base import COMPANY, Param, Rule, Values
from alerts.rules.E8_criminal_threshold import later
from payroll.models import Cycle
from payroll.sql import among, insert, run, table
from projects.models import Company, Region
from wagewatch import audit, bulk
from wagewatch.bilingual import Text

Colour = Standing.Colour


@dataclass(frozen=True)
class Factor:
    """A fact that is weighed. `how`: `now` loses by the highest level of its open warnings (yellow
    a third, orange two thirds, red all); `past` by the number of cleared ones in the time looked
    back; `any` by one, open (all) or cleared (half)."""

    key: str
    label: Text
    weight: int
    rules: frozenset[str]
    how: str
    full: int = 1
    """Of `past`: so many lose all."""


def _factor(key: str, zh: str, en: str, weight: int, rules: str, how: str, full: int = 1) -> Factor:
    return Factor(key, Text(zh, en), weight, frozenset(rules.split()), how, full)


_OWED = "B1 B2 E1 E2 E4 E7 E8 F1 F3"
FACTORS = (
    _factor("arrears", "现有欠薪或欠拨", "Arrears or missing funds now", 30, _OWED, "now"),
    _factor("past", "历史欠薪", "Arrears in the past", 15, "E1 E2 F1 F3", "past", 6),
    _factor("late", "迟延发放", "Paid late", 5, "E3", "past-or-now", 4),
    _factor("repeat", "连续欠薪", "Repetition", 10, "E7", "any"),
    _factor("names", "实名制管理", "Real-name management", 10, "C1 C2 C3 C4 D2", "now"),
    _factor("sheets", "编表与发放", "Sheets and payment", 10, "B4 B5 D1 D3 D4 D5 E5 E6 E9", "now"),
    _factor("deposit", "专户和保证金", "Account and deposit", 10, "A1 A2 A3 A4 A6 F2", "now"),
    _factor("help", "配合程度", "Co-operation", 10, "H1 H3", "now"),
)
"""`help` also counts orders whose day has passed while a warning of theirs is open."""


class StandingParameters(Rule):
    """The parameters of the score, kept and set like a rule's; it finds nothing itself."""

    code = "STD"
    title = Text("企业信用评分", "Company standing")
    stage = COMPANY
    why = Text(
        "按事实加权评分,决定检查频次,并提出工资保证金比例建议。",
        "A score from weighted facts: it sets how often to inspect and proposes a deposit ratio.",
    )
    # The deposit is Reg. 32; its ratios are settings and never printed as law.
    law = ("Reg. 38", "Reg. 39", "Reg. 47")
    levels = Text(
        "达到绿色分数为绿色,达到黄色分数为黄色,其余为红色;有红色欠薪预警的为红色。",
        "Green and yellow from their scores on, red below; red with a red warning of arrears.",
    )
    clears = Text("预警消除后分数随之恢复。", "The score recovers as the warnings clear.")
    needs = ("payroll", "bank")
    responsible = ("company",)
    params = (
        *(
            Param(
                *(f"w_{f.key}", f.weight, "points", 0, 60),
                Text(f"权重:{f.label.zh}", f"Weight: {f.label.en}"),
            )
            for f in FACTORS
        ),
        Param("green", 80, "points", 50, 100, Text("绿色不低于", "Green from")),
        Param("yellow", 60, "points", 10, 90, Text("黄色不低于", "Yellow from")),
        Param("months", 24, "months", 6, 36, Text("回溯月数", "Months looked back")),
        Param("visit_green", 12, "months", 1, 36, Text("绿色检查间隔", "Green: inspect every")),
        Param("visit_yellow", 3, "months", 1, 24, Text("黄色检查间隔", "Yellow: inspect every")),
        Param("visit_red", 1, "months", 1, 12, Text("红色检查间隔", "Red: inspect every")),
        Param("visit_none", 12, "months", 1, 36, Text("无记录检查间隔", "Unknown: inspect every")),
        Param("ratio", 200, "1/10000", 50, 300, Text("保证金一般比例", "Deposit, general ratio")),
        Param("ratio_cut", 50, "%", 0, 100, Text("两年无欠薪减", "Two clean years: less")),
        Param("ratio_rise", 50, "%", 0, 200, Text("两年内有欠薪增", "Arrears in two years: more")),
    )  # fmt: skip


STANDING = StandingParameters()


def values(as_of: dt.date) -> Values:
    """The parameters in force: those set for the whole city, its widest region."""
    found = dict(STANDING.defaults)
    held = parameters.overrides(as_of).get(STANDING.code, {})
    for code in Region.objects.filter(parent=None).values_list("code", flat=True):
        found |= {k: v for k, v in held.get(code, {}).items() if k in found}
    return found


@dataclass
class _Row:
    pk: int
    company: int
    rule: str
    level: int
    open: bool


def compute(as_of: dt.date) -> int:
    """Judge the standing of every company as of a day, right after the city was evaluated as of
    it; stores what changed and gives how many did. A number of queries that does not grow."""
    now = values(as_of)
    with transaction.atomic():
        _rewind(as_of)
        rows = _warnings(as_of, now["months"])
        disobeyed = _disobeyed(as_of)
        since = _on_record(as_of)
        held = {one.company_id: one for one in Standing.objects.current()}
        inspected = dict(
            Inspection.objects.filter(on__lte=as_of).order_by("on").values_list("company", "on")
        )
        made: list[Standing] = []
        closed: list[Standing] = []
        moved: list[Standing] = []
        for company in Company.objects.order_by("pk").values_list("pk", flat=True):
            new = _judge(
                company, rows.get(company, []), disobeyed.get(company, {}), since.get(company),
                as_of, now,
            )  # fmt: skip
            old = held.get(company)
            same = old is not None and _said(old) == _said(new)
            kept = old if old is not None and same else new
            due = _inspect_on(kept, inspected.get(company), now)
            if old is not None and same:
                if old.inspect_on != due:
                    old.inspect_on = due
                    moved.append(old)
                continue
            new.inspect_on, new.before = due, old.score if old else None
            if old is not None:
                new.before = old.before if old.known_from == as_of else old.score
                old.known_until = as_of
                closed.append(old)
            made.append(new)
        _write(as_of, made, closed, moved)
    return len(made)


def _write(
    as_of: dt.date, made: list[Standing], closed: list[Standing], moved: list[Standing]
) -> None:
    today = [one.pk for one in closed if one.known_from == as_of]  # judged again the same day
    test, parameter = among(today)
    run(f"DELETE FROM {table(Standing)} WHERE id {test}", [parameter])
    bulk.update_each([one for one in closed if one.known_from < as_of], ["known_until"])
    bulk.update_each(moved, ["inspect_on"])
    insert(made)


def _said(one: Standing) -> Any:
    return (one.score, one.colour, one.reasons, one.deposit)


def _rewind(as_of: dt.date) -> None:
    """Forget what was judged of later days."""
    Standing.objects.filter(known_from__gt=as_of).delete()
    Standing.objects.filter(known_until__gt=as_of).update(known_until=None)


def _warnings(as_of: dt.date, months: int) -> dict[int, list[_Row]]:
    """The warnings that count, by company: open, or cleared within the months looked back."""
    upheld = Answer.objects.filter(standing=Answer.Standing.UPHELD).values("warning")
    counted = frozenset().union(*(factor.rules for factor in FACTORS))
    found: dict[int, list[_Row]] = defaultdict(list)
    rows = (
        Warning.objects.filter(
            Q(status=Warning.Status.OPEN)
            | Q(status=Warning.Status.CLEARED, cleared_on__gte=later(as_of, -months)),
            rule__in=counted,
            data_missing=False,
            opened_on__lte=as_of,
        )
        .exclude(pk__in=upheld)
        .order_by("pk")
    )
    for pk, company, rule, level, status in rows.values_list(
        "pk", "company", "rule", "level", "status"
    ).iterator(5000):
        found[company].append(_Row(pk, company, rule, level, status == Warning.Status.OPEN))
    return found


def _disobeyed(as_of: dt.date) -> dict[int, dict[int, list[int]]]:
    """Orders whose day has passed while a warning of theirs is open: by company, notice and
    warnings."""
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = Notice.objects.filter(
        due_on__lt=as_of,
        warnings__status=Warning.Status.OPEN,
        warnings__data_missing=False,
    )
    for company, notice, warning in rows.values_list("company", "pk", "warnings"):
        found[company][notice].append(warning)
    return found


def _on_record(as_of: dt.date) -> dict[int, dt.date]:
    """The first payday that is on record of each company, as employer or on its projects."""
    past = Cycle.objects.filter(payday__lt=as_of, due__gt=0).order_by()
    found: dict[int, dt.date] = {}
    for key in ("employer", "project__contractor", "project__owner"):
        rows: Any = past.values_list(key).annotate(first=Min("payday"))
        for company, first in rows:
            if company is not None:
                found[company] = min(first, found.get(company, first))
    return found


def _judge(
    company: int,
    rows: list[_Row],
    disobeyed: Mapping[int, list[int]],
    since: dt.date | None,
    as_of: dt.date,
    now: Values,
) -> Standing:
    if since is None and not rows and not disobeyed:
        return Standing(
            company_id=company, score=None, colour=Colour.NONE, rank=101, known_from=as_of,
            deposit={"ratio": _percent(Decimal(now["ratio"])), "why": "general"},
        )  # fmt: skip
    reasons = [_weigh(factor, rows, disobeyed, now) for factor in FACTORS]
    whole = sum(now[f"w_{factor.key}"] for factor in FACTORS) or 1
    lost = sum((Decimal(reason["lost"]) for reason in reasons), Decimal(0))
    score = max(0, min(100, int(100 - lost * 100 / whole)))
    owed = [r for r in rows if r.open and r.rule in FACTORS[0].rules]
    if any(row.level == Level.RED for row in owed):
        colour = Colour.RED
    else:
        green, yellow = score >= now["green"], score >= now["yellow"]
        colour = Colour.GREEN if green else Colour.YELLOW if yellow else Colour.RED
    return Standing(
        company_id=company, score=score, colour=colour, reasons=reasons, rank=score,
        known_from=as_of, deposit=_deposit(rows, since, as_of, now),
    )  # fmt: skip


def _weigh(
    factor: Factor, rows: list[_Row], disobeyed: Mapping[int, list[int]], now: Values
) -> dict[str, Any]:
    mine = [row for row in rows if row.rule in factor.rules]
    opened = [row for row in mine if row.open]
    cleared = [row for row in mine if not row.open]
    worst = max((row.level for row in opened), default=int(Level.BLUE))
    share = Decimal(worst - Level.BLUE) / 3
    behind: list[_Row] = [row for row in opened if row.level > Level.BLUE]
    notices: list[int] = []
    if factor.how == "past":
        share, behind = Decimal(min(len(cleared), factor.full)) / factor.full, cleared
    elif factor.how == "past-or-now":
        share, behind = Decimal(min(len(mine), factor.full)) / factor.full, mine
    elif factor.how == "any":
        share = Decimal(1) if opened else Decimal("0.5") if cleared else Decimal(0)
        behind = mine
    if factor.key == "help" and disobeyed:
        share, notices = Decimal(1), sorted(disobeyed)
    weight = now[f"w_{factor.key}"]
    return {
        "factor": factor.key,
        "weight": weight,
        "lost": f"{weight * share:.1f}",
        "warnings": [row.pk for row in behind],
        "notices": notices,
    }


def _deposit(
    rows: list[_Row], since: dt.date | None, as_of: dt.date, now: Values
) -> dict[str, Any]:
    """A proposal for a person: the general ratio, less for the clean, more after arrears (Reg. 32).
    Clean years count only where the record reaches back so far."""
    ratio = Decimal(now["ratio"])
    owed = any(row.rule in ("E1", "E2", "E7", "E8", "F1", "F3") for row in rows)
    sound = not any(row.rule in ("A1", "C1", "C2", "C3") and row.open for row in rows)
    if owed:
        return {"ratio": _percent(ratio * (100 + now["ratio_rise"]) / 100), "why": "arrears"}
    if since and since <= later(as_of, -36) and sound and now["months"] >= 36:
        return {"ratio": "0.00", "why": "clean3"}
    if since and since <= later(as_of, -24) and now["months"] >= 24:
        return {"ratio": _percent(ratio * (100 - now["ratio_cut"]) / 100), "why": "clean2"}
    return {"ratio": _percent(ratio), "why": "general"}


def _percent(ratio: Decimal) -> str:
    return f"{ratio / 100:.2f}"


DEPOSIT_WHY = {
    "general": Text(
        "一般比例:没有满两年的无欠薪记录", "General ratio: no record of two clean years"
    ),
    "arrears": Text("回溯期内有欠薪,建议上浮", "Arrears in the time looked back: more"),
    "clean2": Text("连续两年无欠薪,建议下调", "Two years without arrears: less"),
    "clean3": Text(
        "连续三年无欠薪,且已落实实名制和专用账户,建议免存",
        "Three years without arrears, real names and account in order: none",
    ),
}  # fmt: skip


def _inspect_on(standing: Standing, inspected: dt.date | None, now: Values) -> dt.date:
    """The day by which a company is to be inspected: so many months, by its colour, after the last
    inspection, or after it came to this standing."""
    return later(inspected or standing.known_from, now[f"visit_{standing.colour}"])


def inspect(company: Company, user: Any, note: str, *, on: dt.date) -> Inspection:
    """Record that an inspector has inspected a company; the next one is proposed from that day."""
    with transaction.atomic():
        made, new = Inspection.objects.get_or_create(
            company=company, on=on, by=user, defaults={"note": note.strip()[:500]}
        )
        if new:
            now = values(on)
            for standing in Standing.objects.current().filter(company=company):
                standing.inspect_on = _inspect_on(standing, on, now)
                standing.save(update_fields=["inspect_on"])
            audit.record(user, "company-inspected", company, on=on.isoformat())
    return made


def factors(reasons: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Factor, Mapping[str, Any]]]:
    known = {factor.key: factor for factor in FACTORS}
    return ((known[r["factor"]], r) for r in reasons if r["factor"] in known)
