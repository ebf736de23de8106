"""The worker's own word on a line of a pay sheet, given on the phone without signing in.

The link holds a signed number of the line and nothing personal; it is good for LINK_DAYS and for
one answer. Whoever opens it types the last four characters of the ID number first.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from payroll import matching
from payroll.models import Confirmation, SheetLine
from wagewatch import audit, limits, work

LINK_DAYS = 60
TRIES = 5  # wrong last-four of one line within an hour
VISITS = 600  # of one address within an hour: a whole site may share one
_signer = signing.TimestampSigner(salt="payroll.sheet-line")


class Refused(Exception):
    """The answer cannot be taken; `reason` is link, answered, replaced, number, locked, text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def token(line_id: int) -> str:
    return _signer.sign(f"{line_id:x}")


def line_of(token: str) -> SheetLine:
    """The line that a link is for. Raises Refused("link") for a forged or an old one."""
    try:
        number = int(_signer.unsign(token, max_age=dt.timedelta(days=LINK_DAYS)), 16)
    except (signing.BadSignature, ValueError) as error:
        raise Refused("link") from error
    lines = SheetLine.objects.select_related(
        "sheet__project", "sheet__employer", "engagement__worker"
    )
    line = lines.filter(pk=number).first()
    if line is None:
        raise Refused("link")
    return line


def too_many(address: str) -> bool:
    """Count a visit; whether the address has had its hour's share."""
    return limits.count(f"confirm-from-{address}") > VISITS


def check(line: SheetLine, last_four: str) -> None:
    """Raises Refused: answered, replaced, locked, or number when the four do not fit."""
    if Confirmation.objects.filter(line=line).exists():
        raise Refused("answered")
    if line.sheet.known_until is not None:
        raise Refused("replaced")
    key = f"confirm-tries-{line.pk}"
    if limits.counted(key) >= TRIES:
        raise Refused("locked")
    if last_four.strip().upper() != line.engagement.worker.id_number[-4:]:
        limits.count(key)
        raise Refused("number")


def answer(
    line: SheetLine,
    last_four: str,
    verdict: str,
    text: str = "",
    *,
    address: str | None,
    now: dt.datetime,
    today: dt.date,
) -> Confirmation:
    """Keep the worker's answer. Raises Refused; `text` when a dispute says nothing."""
    check(line, last_four)
    text = text.strip()[:500]
    if verdict not in Confirmation.Verdict.values or (verdict == "disputed" and not text):
        raise Refused("text")
    try:
        with transaction.atomic():
            made = _keep(line, verdict, text, address, now, today)
    except IntegrityError as error:
        raise Refused("answered") from error
    return made


def _keep(
    line: SheetLine, verdict: str, text: str, address: Any, now: dt.datetime, today: dt.date
) -> Confirmation:
    """One row, the earlier answer to the same line closed, one audit entry."""
    earlier = Confirmation.objects.current().filter(
        engagement=line.engagement_id,
        sheet_month=line.sheet.month,
        worked_month=line.worked_month,
    )
    was_cash = earlier.filter(is_cash=True).exists()
    earlier.update(known_until=today)
    made = Confirmation.objects.create(
        line=line,
        engagement_id=line.engagement_id,
        sheet_month=line.sheet.month,
        worked_month=line.worked_month,
        amount=line.net,
        is_cash=line.is_cash,
        verdict=verdict,
        text=text,
        answered_at=now,
        address=address,
        known_from=today,
    )
    audit.record(None, f"line-{verdict}", made, line=line.pk, sheet=line.sheet_id)
    if line.is_cash or was_cash:
        work.submit(
            "payroll.confirmation.settle", project_id=line.sheet.project_id, day=today.isoformat()
        )
    return made


def settle(project_id: int, day: str) -> None:
    """Cash that was received changes what bank entries pay, and what is owed (background)."""
    matching.match([project_id])
    for path in settings.AFTER_FEED:
        import_string(path)([project_id], dt.date.fromisoformat(day))
