"""The sentences of an order to correct. Chinese only: it is the language of the document."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from alerts import rules
from alerts.models import Warning
from alerts.notices import citing, figures
from alerts.notices.duties import DUTIES, OWN_WORKERS
from alerts.notices.owed import CycleOwed, Owed
from alerts.notices.owed import total as total_of
from payroll.claims import ZERO
from projects.models import Authority, Company, Project
from wagewatch.months import Month

date = figures.date
_WIDE = str.maketrans(",:;()", "，：；（）")
"""Punctuation of a document, for labels that were written for the screen."""
ANNEX = "拖欠农民工工资名单及金额"


def letterhead(authority: Authority) -> dict[str, Any]:
    """The issuing body; its name is set as large as fits one line (pt)."""
    return {
        "name": authority.name,
        "size": min(38, 436 // max(1, len(authority.name))),
        "address": authority.address,
        "phone": authority.phone,
    }


def heading(project: Project) -> str:
    parts = [f"项目编码：{project.code}"]
    if project.contractor_id:
        parts.append(f"施工总承包单位：{project.contractor.name}")
    return f"{project.name}（{'；'.join(parts)}）"


def sum_item(cycle: CycleOwed, day: dt.date) -> dict[str, str]:
    """One month's unpaid wages: what the sheet promises, what came, what is missing, and why we
    say so."""
    promised = [claim for claim in cycle.all if claim.due > 0]
    due = sum((claim.due for claim in promised), ZERO)
    unpaid, owed = total_of(cycle.all), total_of(cycle.chosen)
    text = (
        f"{figures.month(cycle.month)}工资：工资支付表载明应支付{len(promised)}名农民工工资共计"
        f"{figures.money(due)}元，工资支付日期为{date(cycle.payday)}。截至{date(day)}，"
    )
    text += f"已支付{figures.money(due - unpaid)}元，" if due > unpaid else "该月工资未支付，"
    returned = total_of(cycle.returned)
    if returned == owed:
        text += (
            f"{len(cycle.chosen)}名农民工的工资经银行退回后未重新支付，"
            f"拖欠工资{figures.money(owed)}元"
        )
    else:
        text += f"拖欠{len(cycle.chosen)}名农民工工资{figures.money(owed)}元"
        if returned:
            text += (
                f"，其中{len(cycle.returned)}名农民工的工资经银行退回后未重新支付，"
                f"计{figures.money(returned)}元"
            )
    return {"text": text + "。", "evidence": _proof(cycle)}


def _proof(cycle: CycleOwed) -> str:
    papers = []
    if cycle.sheet:
        papers.append(
            f"{figures.month(cycle.month)}工资支付表（第{cycle.sheet.version}版，"
            f"{date(cycle.sheet.received_on)}收到，文件“{cycle.sheet.filename}”）"
        )
    for bank in cycle.banks:
        papers.append(
            f"农民工工资专用账户（{bank.bank}{'，' if bank.bank else ''}账号{bank.account}）"
            f"截至{date(bank.until)}的交易记录"
        )
    return f"以上事实有{'、'.join(papers)}为证。" if papers else ""


def duty_item(warning: Warning) -> dict[str, str]:
    """A breach without sums: what was found, with the evidence's own figures."""
    known = [
        f"{fact['label']['zh'].translate(_WIDE)}：{_shown(fact)}"
        for fact in warning.evidence.get("facts", [])
        if fact.get("value")
    ]
    files = [
        f"{figures.date(dt.date.fromisoformat(source['received_on']))}收到的文件“{source['filename']}”"
        for source in warning.evidence.get("sources", [])
    ]
    text = _filled(DUTIES[warning.rule].fact, warning)
    return {
        "text": text + (f"。经核查，{'；'.join(known)}。" if known else "。"),
        "evidence": f"以上事实有{'、'.join(files)}为证。" if files else "",
    }


def _shown(fact: dict[str, Any]) -> str:
    found, kind = fact["value"], fact.get("kind")
    value = str(found["zh"] if isinstance(found, dict) else found)
    if not value:
        return ""
    if kind == "money":
        return f"{figures.money(Decimal(value))}元"
    if kind == "date":
        return figures.date(dt.date.fromisoformat(value))
    if kind == "month":
        return figures.month(Month.parse(value))
    return value + {"days": "日"}.get(str(kind), "")


def people_tables(duties: Sequence[Warning], first: int) -> list[dict[str, Any]]:
    """The workers that warnings without sums are about: the evidence's own tables, as annexes
    numbered from `first`. A warning whose evidence lists nobody has none."""
    listed = [w for w in duties if DUTIES[w.rule].annex and w.evidence.get("rows")]
    return [_people_table(warning, number) for number, warning in enumerate(listed, first)]


def _people_table(warning: Warning, number: int) -> dict[str, Any]:
    columns, rows = warning.evidence["columns"], warning.evidence["rows"]
    missing = int(warning.evidence.get("rows_total", len(rows))) - len(rows)
    return {
        "number": number,
        "title": f"“{warning.project.name}”项目{_month(warning)}{DUTIES[warning.rule].annex}",
        "columns": [column["label"]["zh"] for column in columns],
        "rows": [
            [_shown({"value": row.get(c["key"], ""), "kind": c.get("kind")}) for c in columns]
            for row in rows
        ],
        "more": f"另有{missing}行，见本机关案卷。" if missing > 0 else "",
    }


def _month(warning: Warning) -> str:
    return figures.month(cast(Month, warning.month)) if warning.month else ""


def _filled(text: str, warning: Warning) -> str:
    return text.format(
        project=warning.project.name,
        month=_month(warning),
        workers=warning.workers,
    )


def total(owed: Owed) -> dict[str, Any]:
    """The sum over all months, in figures and in capital numerals. Empty without sums."""
    if not owed:
        return {}
    return {
        "workers": owed.workers,
        "amount": figures.money(owed.amount),
        "capital": figures.capital(owed.amount),
    }


def breached(warnings: Sequence[Warning]) -> str:
    """The articles that the company broke: those its rules name, as far as they bind companies."""
    keys: set[str] = set()
    for warning in warnings:
        law = [*rules.catalogue()[warning.rule].law, *DUTIES[warning.rule].breached]
        mine = {_for_role(key, warning) for key in law if citing.is_duty(key)}
        keys |= mine - {"Reg. 30"} if _is_general(warning) else mine
    return citing.cite(keys)


def basis(warnings: Sequence[Warning]) -> str:
    """The articles that empower the authority."""
    return citing.cite(
        {_for_role(key, warning) for warning in warnings for key in DUTIES[warning.rule].basis}
    )


def sanctions(warnings: Sequence[Warning]) -> list[str]:
    """What follows when the day has passed, each once, in the order of the duties."""
    return list(
        dict.fromkeys(
            _for_role(text, warning)
            for warning in sorted(warnings, key=lambda w: (not DUTIES[w.rule].sums, w.rule))
            for text in DUTIES[warning.rule].sanctions
        )
    )


def _is_general(warning: Warning) -> bool:
    return warning.company_id == warning.project.contractor_id


def _for_role(key: str, warning: Warning) -> str:
    """A general contractor's own workers: what binds subcontractors is put as for any employer."""
    if _is_general(warning) and not DUTIES[warning.rule].sums:
        return OWN_WORKERS.get(key, key)
    return key


def orders(duties: Sequence[Warning], owed: Owed, due_on: dt.date) -> list[str]:
    """What to do, each by the day."""
    by = f"于{date(due_on)}前，"
    found = []
    if owed:
        found.append(
            f"{by}向附件1所列{owed.workers}名农民工足额支付拖欠的工资人民币{figures.money(owed.amount)}元"
            f"（大写：{figures.capital(owed.amount)}），通过农民工工资专用账户直接支付到农民工本人的银行账户"
        )
    found += [by + _filled(DUTIES[w.rule].order, w) for w in duties]
    return found


def report(owed: Owed, due_on: dt.date) -> str:
    papers = "银行支付凭证等证明材料" if owed else "相关证明材料"
    return f"你单位应当于{date(due_on)}前将改正情况书面报告本机关，并附{papers}。"


def remedies(authority: Authority) -> str:
    """Reconsideration within 60 days by the government of the same level, suit within 6 months."""
    government = authority.government or "本级人民政府"
    court = authority.court or "有管辖权的人民法院"
    return (
        f"如对本指令不服，可以自收到本指令书之日起60日内向{government}申请行政复议，也可以自收到本指令书之日起"
        f"6个月内依法向{court}提起行政诉讼。"
    )


def copies(owed: Owed, company: Company) -> list[dict[str, str]]:
    """The general contractors who have to pay first for the company (Reg. 30)."""
    found = {
        cycle.project.contractor.name: cycle.project.name
        for cycle in owed.cycles
        if cycle.project.contractor_id not in (None, company.pk)
    }
    return [{"company": name, "project": project} for name, project in found.items()]
