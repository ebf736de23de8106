"""Issue a notice: check, gather, number, render, seal, record: all in one, or nothing."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from alerts.models import Notice, NoticeLine, Warning, WarningEvent
from alerts.notices import numbering, store
from alerts.notices.base import Document, Draft
from alerts.notices.checks import check
from alerts.notices.errors import NoticeError
from projects.models import Authority
from wagewatch import audit
from wagewatch.bilingual import Text
from wagewatch.calendars import WorkingDays

_UNKNOWN = Text("没有这种文书:{type}。", "There is no document type {type}.")
_MOVED = Text(
    "制作文书期间预警已变化,请重试。", "A warning changed while the notice was made: try again."
)


def issue(
    type: str,
    warnings: Sequence[Warning],
    *,
    user: Any,
    authority: Authority,
    issued_on: dt.date,
    due_on: dt.date | None = None,
) -> Notice:
    """Serve a notice of this type on the one company that the warnings are about.

    What it says is what was known on `issued_on`. `due_on` defaults to
    settings.NOTICE_DUE_WORKING_DAYS working days later: the law names no number of days, the
    authority sets it. Raises NoticeError, and then nothing has happened: no number is spent, no
    file is left. Call it outside a transaction, so that no later failure can undo a number.
    """
    document = _document(type)
    due_on = due_on or WorkingDays.load().add(issued_on, settings.NOTICE_DUE_WORKING_DAYS)
    warnings = _fresh(warnings)
    check(warnings, user=user, authority=authority, issued_on=issued_on, due_on=due_on)
    draft = document.prepare(warnings, authority=authority, issued_on=issued_on, due_on=due_on)
    guess = numbering.peek(authority, type, issued_on.year)
    prepared = _rendered(document, draft, authority, guess)

    written: list[str] = []
    try:
        with transaction.atomic(durable=True):
            _hold(warnings)
            number = numbering.take(authority, type, issued_on.year)
            # The document was made before the lock with the number it would probably get; when
            # another notice took that number meanwhile, it is made again.
            pdf = prepared if number == guess else _rendered(document, draft, authority, number)
            written.append(store.write(pdf, issued_on.year))
            return _record(document, draft, authority, number, pdf, written[0], warnings, user)
    except BaseException:
        for name in written:
            store.remove(name)
        raise


def _document(type: str) -> Document:
    from alerts.notices import documents

    if type not in documents():
        raise NoticeError(_UNKNOWN, type=type)
    return documents()[type]


def _fresh(warnings: Sequence[Warning]) -> list[Warning]:
    """The warnings as they stand in the database, each once, by project and month."""
    rows = Warning.objects.filter(pk__in={w.pk for w in warnings}).select_related(
        "company", "project__contractor", "project__region"
    )
    return sorted(rows, key=lambda w: (w.project_id, w.month is None, w.month or 0, w.rule, w.pk))


def _hold(warnings: Sequence[Warning]) -> None:
    """Lock the warnings until the end, and make sure that they still say what was drafted."""
    held = Warning.objects.select_for_update().in_bulk([w.pk for w in warnings])
    for drafted in warnings:
        now = held.get(drafted.pk)
        if now is None or any(
            getattr(now, name) != getattr(drafted, name)
            for name in ("status", "data_missing", "workers", "amount", "evidence", "company_id")
        ):
            raise NoticeError(_MOVED)


def _rendered(document: Document, draft: Draft, authority: Authority, number: int) -> bytes:
    name = numbering.document_number(authority, draft.issued_on.year, number)
    return document.render(draft, name)


def _record(
    document: Document,
    draft: Draft,
    authority: Authority,
    number: int,
    pdf: bytes,
    file: str,
    warnings: Sequence[Warning],
    user: Any,
) -> Notice:
    year = draft.issued_on.year
    person = user if getattr(user, "pk", None) else None
    notice = Notice.objects.create(
        type=document.code,
        authority=authority,
        year=year,
        number=number,
        title=document.title.zh,
        document_number=numbering.document_number(authority, year, number),
        company=draft.company,
        project=draft.project,
        issued_on=draft.issued_on,
        due_on=draft.due_on,
        workers=draft.workers,
        amount=draft.amount,
        facts=draft.facts,
        file=file,
        sha256=hashlib.sha256(pdf).hexdigest(),
        issued_by=person,
    )
    notice.warnings.add(*warnings)
    NoticeLine.objects.bulk_create(
        NoticeLine(
            notice=notice,
            engagement_id=line.engagement,
            months=line.months,
            due=line.due,
            paid=line.paid,
            owed=line.owed,
        )
        for line in draft.lines
    )
    WarningEvent.objects.bulk_create(
        WarningEvent(
            warning=warning,
            on=draft.issued_on,
            act=WarningEvent.Act.NOTICED,
            level=warning.level,
            user=person,
            note=notice.document_number,
        )
        for warning in warnings
    )
    audit.record(
        person,
        "notice-issued",
        notice,
        document_number=notice.document_number,
        sha256=notice.sha256,
        warnings=[warning.pk for warning in warnings],
    )
    return notice
