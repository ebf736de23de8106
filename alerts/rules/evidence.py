"""Building evidence: facts, arithmetic and rows, in the shape that rules/base.py documents."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from payroll.models import Feed
from projects.models import Company, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import provisional_years
from wagewatch.known import known_on

ROWS_KEPT = 500

ROLES = {
    "employer": Text("用工单位(直接责任)", "Employer (directly liable)"),
    "general": Text("施工总承包单位(先行清偿)", "General contractor (clears first)"),
    "owner": Text("建设单位(以未结清工程款为限垫付)", "Owner (advances up to what it owes)"),
    "company": Text("预警所涉单位", "The company that the warning is about"),
    "authority": Text("承办机关", "Authority in charge"),
}


@dataclass
class Evidence:
    """The evidence of one finding; `feeds` are the ids of the feeds it rests on, `authority` the
    name of the authority that must act, of a rule that holds one responsible."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    arithmetic: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    feeds: set[int] = field(default_factory=set)
    authority: dict[str, str] = field(default_factory=dict)
    """Code and name of the authority in charge, of a rule that holds one responsible."""
    steps: list[dict[str, str]] = field(default_factory=list)

    def fact(self, zh: str, en: str, value: Any, kind: str = "text") -> None:
        """A fact; nothing is written for None."""
        if value is not None:
            self.facts.append({"label": label(zh, en), "value": shown(value), "kind": kind})

    def step(self, sign: str, zh: str, en: str, value: Any, kind: str) -> None:
        self.arithmetic.append(
            {"label": label(zh, en), "value": shown(value), "kind": kind, "sign": sign}
        )

    def next(self, step: Text) -> None:
        """A lawful step that the authority may take next."""
        self.steps.append(label(step.zh, step.en))

    def table(self, columns: Sequence["Column"], rows: Iterable[Mapping[str, Any]]) -> None:
        self.columns = [column.json() for column in columns]
        keys = [column.key for column in columns]
        self.rows = [{key: shown(row[key]) for key in keys} for row in rows]


@dataclass(frozen=True)
class Column:
    key: str
    zh: str
    en: str
    kind: str = "text"

    def json(self) -> dict[str, Any]:
        return {"key": self.key, "label": label(self.zh, self.en), "kind": self.kind}


WORKER_COLUMNS = (
    Column("worker", "工人", "Worker"),
    Column("id", "身份证件号", "ID number"),
)


def label(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def shown(value: Any) -> str | dict[str, str]:
    """A value as it stands in evidence: sums with two places, dates as ISO, nothing as "", words
    of the catalogue in both languages."""
    if isinstance(value, str):  # most are
        return value
    if value is None:
        return ""
    if isinstance(value, Text):
        return label(value.zh, value.en)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def complete(
    rule: Any,
    as_of: dt.date,
    findings: Sequence[Any],
    parts: Sequence[Evidence],
    values: Mapping[str, int],
) -> list[dict[str, Any]]:
    """The evidence as JSON, with its sources, parameters and who is responsible (three queries
    for any number of findings)."""
    _tell_provisional(as_of, findings, parts)
    feeds = _feeds({feed for part in parts for feed in part.feeds})
    parties = _parties(as_of, {finding.project_id for finding in findings})
    companies = Company.objects.in_bulk(
        {finding.company_id for finding in findings}
        | {company for pair in parties.values() for company in pair.values() if company}
    )
    return [
        {
            "as_of": as_of.isoformat(),
            "facts": part.facts,
            "arithmetic": part.arithmetic,
            "columns": part.columns,
            "rows": part.rows[:ROWS_KEPT],
            "rows_total": len(part.rows),
            "sources": [feeds[feed] for feed in sorted(part.feeds) if feed in feeds],
            "parameters": {name: str(value) for name, value in values.items()},
            "responsible": _responsible(rule, finding, part, parties, companies),
            "clears": label(rule.clears.zh, rule.clears.en),
            "steps": part.steps,
            "raised": finding.raised.json() if finding.raised else None,
            "data_missing": finding.data_missing,
        }
        for finding, part in zip(findings, parts, strict=True)
    ]


def _tell_provisional(as_of: dt.date, findings: Sequence[Any], parts: Sequence[Evidence]) -> None:
    """Say of which years the official calendar is not known yet: days counted and paydays (Reg. 14)
    in them are reckoned from weekdays alone."""
    spans = [_years(as_of, finding) for finding in findings]
    unknown = set(provisional_years({year for span in spans for year in span}))
    for span, part in zip(spans, parts, strict=True):
        if years := sorted(span & unknown):
            part.fact(
                "放假安排尚未公布的年份(该年日期按周一至周五暂定)",
                "Years whose holidays are not announced (their dates are provisional)",
                "、".join(str(year) for year in years),
            )


def _years(as_of: dt.date, finding: Any) -> set[int]:
    """The years of the days that a finding counts: from since to the day judged, and its payday."""
    years = set(range(finding.since.year, as_of.year + 1))
    if finding.month is not None:
        years.add((finding.month + 1).year)
    return years


def _feeds(ids: set[int]) -> dict[int, dict[str, Any]]:
    return {
        pk: {"feed": pk, "filename": filename, "sha256": sha256, "received_on": day.isoformat()}
        for pk, filename, sha256, day in Feed.objects.filter(pk__in=ids).values_list(
            "pk", "filename", "sha256", "received_on"
        )
    }


def _parties(as_of: dt.date, projects: set[int]) -> dict[int, dict[str, int | None]]:
    return {
        project: {"general": contractor, "owner": owner}
        for project, contractor, owner in ProjectVersion.objects.filter(
            known_on(as_of), project__in=projects
        ).values_list("project", "contractor", "owner")
    }


def _responsible(
    rule: Any,
    finding: Any,
    part: Evidence,
    parties: dict[int, dict[str, int | None]],
    companies: dict[int, Company],
) -> list[dict[str, str]]:
    """The companies in the law's order; one that holds two roles stands under the first. An
    authority has no credit code."""
    listed: list[dict[str, str]] = []
    seen: set[int] = set()
    for role in rule.responsible:
        if role == "authority":
            listed.append(part.authority | {"role": role})
            continue
        about = role in ("employer", "company")
        pk = finding.company_id if about else parties[finding.project_id][role]
        if pk is not None and pk not in seen:
            seen.add(pk)
            company = companies[pk]
            listed.append({"code": company.code, "name": company.name, "role": role})
    return listed
