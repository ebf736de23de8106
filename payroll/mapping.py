"""A company's own pay sheet layout: what its headings may mean, kept as a column map.

`suggest` looks at a feed that was sent back for its headings; `keep` saves the map and sends the
same bytes through the pipeline again.
"""

import difflib
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from payroll import feeds, ingest
from payroll.checks.issues import Unreadable
from payroll.feeds.base import clean_heading
from payroll.feeds.payroll import FIELDS, REQUIRED
from payroll.feeds.payroll_mapped import GIVEN
from payroll.feeds.table import PREVIEW
from payroll.ingest.pipeline import plain_file
from payroll.models import ColumnMap, Feed
from projects.models import Company, Project
from wagewatch import audit

UNREAD = ("heading-missing", "kind-unknown")
NAME = "工资支付表"
_ALIKE = 0.5  # from here on a heading is suggested
_ALSO: dict[str, tuple[str, ...]] = {
    "workerName": ("员工", "人员", "职工姓名"),
    "idCardNumber": ("身份证", "公民身份号码"),
    "days": ("工日", "出工天数", "实际出勤"),
    "totalPayAmount": ("应付工资", "工资总额", "应领"),
    "deductions": ("代扣", "借支", "应扣", "生活费"),
    "actualAmount": ("实付工资", "实领", "到手", "净发"),
    "payRollBankCardNumber": ("卡号", "账号", "帐号", "收款账号"),
    "teamName": ("班组长", "队组"),
}  # words of the trade beside the headings that are read without a map


@dataclass
class Suggestion:
    """The heading row of a file (`row` from 1), and a guess for each field: name -> heading."""

    row: int
    headings: list[str]
    guesses: dict[str, str] = field(default_factory=dict)


def may_map(feed: Feed) -> bool:
    """Sent back because its headings are not known, by a company."""
    return bool(
        feed.company_id
        and feed.status == Feed.Status.REJECTED
        and feed.issues.filter(code__in=UNREAD).exists()
    )


def suggest(feed: Feed) -> Suggestion | None:
    """None when the file has no table to look at."""
    with plain_file(feed) as file:
        source = feeds.Source(file, feed.filename)
        try:
            previews = [table.preview[:PREVIEW] for table in source.tables if not table.hidden]
        except Unreadable:
            return None
    best: tuple[float, Suggestion] | None = None
    for rows in previews:
        for index, row in enumerate(rows):
            texts = list(dict.fromkeys(str(cell).strip() for cell in row if str(cell).strip()))
            if len(texts) < 3:
                continue
            guesses = _guesses(texts)
            score = len(guesses) + len(texts) / 100
            if best is None or score > best[0]:
                best = (score, Suggestion(index + 1, texts, guesses))
    return best[1] if best else None


def _guesses(texts: list[str]) -> dict[str, str]:
    """The likeliest heading of each field; each heading is given away once, the likeliest first."""
    pairs = sorted(
        ((_alike(text, known), known.name, text) for known in FIELDS for text in texts),
        key=lambda pair: -pair[0],
    )
    guesses: dict[str, str] = {}
    for score, name, text in pairs:
        if score >= _ALIKE and name not in guesses and text not in guesses.values():
            guesses[name] = text
    return guesses


def _alike(text: str, known: Any) -> float:
    heading = clean_heading(text)
    if heading in known.headings:
        return 2.0
    words = known.headings | {clean_heading(word) for word in _ALSO.get(known.name, ())}
    return max(
        1.0
        if len(word) > 1 and word in heading
        else difflib.SequenceMatcher(None, heading, word).ratio()
        for word in words
    )


def missing(headings: dict[str, str]) -> list[str]:
    """Required fields that a map leaves without a heading."""
    return [name for name in REQUIRED if name not in GIVEN and not headings.get(name)]


def keep(
    feed: Feed,
    headings: dict[str, str],
    *,
    company: Company,
    user: Any,
    project: Project | None = None,
    employer: Company | None = None,
) -> Feed:
    """Save the company's map and process the same bytes again; gives the new feed."""
    constants = {}
    if project is not None:
        constants["projectCode"] = project.code
    if employer is not None:
        constants["corpCode"] = employer.code
    with transaction.atomic():
        held, _ = ColumnMap.objects.update_or_create(
            kind="payroll",
            company=company,
            name=NAME,
            defaults={"headings": headings, "options": {"constants": constants}, "active": True},
        )
        audit.record(user, "column-map-saved", held, fields=sorted(headings), feed=feed.pk)
    now = timezone.now()
    with plain_file(feed) as file:
        again = ingest.receive(
            file,  # type: ignore[arg-type]
            feed.filename,
            sender=user,
            company=company,
            received_on=timezone.localdate(now),
            received_at=now,
            channel="web",
            kind="payroll",
        )
    return ingest.process(again)
