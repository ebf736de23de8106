"""A tiny made-up city, written row by row: what a test needs of it, and nothing more.

Names, companies and serials are invented; check digits are right. Every fact carries the day it
became known (`known`), so that tests can ask about days before it.
"""

import datetime as dt
import itertools
from decimal import Decimal
from functools import cache
from typing import Any

from stdnum import luhn
from stdnum.cn import ric, uscc

from payroll.models import (
    AttendanceDay,
    AttendanceMonth,
    BankEntry,
    BankStatement,
    Confirmation,
    Feed,
    PaymentMatch,
    Sheet,
    SheetLine,
)
from projects.models import (
    Account,
    AccountVersion,
    Company,
    Engagement,
    NoticeBoard,
    Party,
    Project,
    ProjectVersion,
    Security,
    Worker,
    WorkerCard,
)
from wagewatch import vault
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

_serial = itertools.count(1)
EARLY = dt.date(2025, 1, 2)


@cache
def _names() -> list[str]:
    return [a + b for a in "林沈顾陆钱汪孟邵葛竺" for b in ("一帆", "海生", "舟平", "阿根", "定国")]


def id_number(serial: int) -> str:
    body = f"330902{1960 + serial % 40}0{1 + serial % 9}1{serial % 10}{serial % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def card_number(serial: int) -> str:
    body = f"622202{serial:012d}"
    return body + luhn.calc_check_digit(body)


def company(name: str = "") -> Company:
    serial = next(_serial)
    body = f"91330900MA2{serial:06d}"
    return Company.objects.create(
        code=body + uscc.calc_check_digit(body), name=name or f"示例建筑{serial}有限公司"
    )


def feed(known: dt.date, kind: str = "payroll", filename: str = "", **fields: Any) -> Feed:
    serial = next(_serial)
    return Feed.objects.create(
        kind=kind,
        filename=filename or f"{kind}-{serial}.csv",
        size=1,
        sha256=f"{serial:064x}",
        received_at=dt.datetime.combine(known, dt.time(9), dt.UTC),
        received_on=known,
        status=Feed.Status.ACCEPTED,
        **fields,
    )


def project(
    known: dt.date = EARLY, account: bool = True, secured: bool = True, **facts: Any
) -> Project:
    """A housing project under way in Dinghai with an owner, a general contractor and (unless
    told otherwise) an open account, permit, contract terms, deposit, guarantee and notice board;
    payday the 15th. The agreed labour cost is next to nothing: any credit covers it."""
    code = f"3309022025{next(_serial):04d}"
    facts = {
        "name": f"示例工程{code[-4:]}",
        "region_id": "330902",
        "industry": "housing",
        "pay_day": 15,
        "contract_date": dt.date(2025, 1, 1),
        "start_date": dt.date(2025, 1, 10),
        "permit_number": "330902202501010101",
        "permit_date": dt.date(2025, 1, 1),
        "disbursement_cycle_days": 30,
        "labour_cost_monthly": Decimal(1),
    } | facts
    facts.setdefault("owner", company())
    facts.setdefault("contractor", company())
    made = Project.objects.create(code=code, **facts)
    ProjectVersion.objects.create(project=made, known_from=known, **facts)
    for role, party in (("owner", made.owner), ("general", made.contractor)):
        if party:
            Party.objects.create(project=made, company=party, role=role, known_from=known)
    if account:
        open_account(made, known)
    if secured:
        security(made, "deposit", known=known)
        security(made, "guarantee", known=known)
        board(made, known)
    return made


def security(
    made: Project,
    kind: str = "deposit",
    amount: Any = "720000",
    valid_from: dt.date = EARLY,
    valid_to: dt.date | None = None,
    known: dt.date = EARLY,
    issuer: str = "示例银行",
) -> Security:
    """A deposit or a guarantee, valid for good unless told otherwise."""
    return Security.objects.create(
        project=made,
        kind=kind,
        form="bank guarantee",
        amount=Decimal(amount),
        issuer=issuer,
        valid_from=valid_from,
        valid_to=valid_to,
        known_from=known,
        feed_id=feed(known, "securities").pk,
    )


def board(made: Project, known: dt.date = EARLY, date: dt.date | None = EARLY) -> NoticeBoard:
    """The `sites` feed tells of a notice board; put up on no day when `date` is None."""
    return NoticeBoard.objects.create(
        project=made, date=date, known_from=known, feed_id=feed(known, "sites").pk
    )


def change_project(made: Project, known: dt.date, **facts: Any) -> None:
    """A later feed says otherwise."""
    version = ProjectVersion.objects.get(project=made, known_until__isnull=True)
    ProjectVersion.objects.filter(pk=version.pk).update(known_until=known)
    version.pk = None
    version.known_from = known
    for name, value in facts.items():
        setattr(version, name, value)
        setattr(made, name, value)
    version.save()
    made.save()


def open_account(
    made: Project, known: dt.date = EARLY, open_date: dt.date | None = None, **facts: Any
) -> Account:
    facts = {"open_date": open_date or known, "status": "open"} | facts
    account = Account.objects.create(number=f"19{next(_serial):015d}", project=made, **facts)
    AccountVersion.objects.create(account=account, known_from=known, **facts)
    return account


def worker(
    made: Project,
    employer: Company | None = None,
    known: dt.date = EARLY,
    person: Worker | None = None,
    registered: bool = True,
) -> Engagement:
    """An engagement, of a new person with a registered card unless one is given."""
    if person is None:
        serial = next(_serial)
        number = id_number(serial)
        person = Worker.objects.create(
            id_number=number,
            id_hash=vault.blind(number),
            name=_names()[serial % len(_names())],
        )
        add_card(person, card_number(serial), known)
    return Engagement.objects.create(
        worker=person,
        project=made,
        employer=employer or made.contractor,
        registered=registered,
        entry_date=known,
        contract_date=known,
        known_from=known,
    )


def add_card(
    person: Worker, number: str, known: dt.date = EARLY, registered: bool = True
) -> WorkerCard:
    return WorkerCard.objects.create(
        worker=person,
        number=number,
        number_hash=vault.blind(number),
        registered=registered,
        known_from=known,
    )


def attend(
    engagement: Engagement, month: str, known: dt.date | None = None, days: Any = None
) -> None:
    """Attendance on all working days of the month, or on `days` (dates), known on the day after
    unless `known` is given."""
    of = Month.parse(month)
    calendar = WorkingDays.load()
    if days is None:
        days = [
            of.first + DAY * n
            for n in range((of.last - of.first).days + 1)
            if calendar.is_workday(of.first + DAY * n)
        ]
    source = feed(known or max(days) + DAY, "attendance")
    for day in days:
        AttendanceDay.objects.update_or_create(
            engagement=engagement,
            day=day,
            defaults={"feed_id": source.pk, "known_from": known or day + DAY},
        )
    held = list(
        AttendanceDay.objects.filter(
            engagement=engagement, day__gte=of.first, day__lte=of.last
        ).values_list("day", "known_from")
    )
    AttendanceMonth.objects.update_or_create(
        engagement=engagement,
        month=of,
        defaults={
            "days": len(held),
            "first_day": min(day for day, _ in held),
            "last_day": max(day for day, _ in held),
            "known_from": min(since for _, since in held),
            "settled_on": max(since for _, since in held),
        },
    )


def sheet(
    made: Project,
    month: str,
    lines: dict[Engagement, Any],
    known: dt.date | None = None,
    employer: Company | None = None,
    filename: str = "",
) -> Sheet:
    """A sheet with a net wage for each engagement (or a dict of line fields); a second one for the
    same cycle is the next version. Known on the 5th of the month after, unless told otherwise."""
    of = Month.parse(month)
    known = known or (of + 1).first + 4 * DAY
    employer = employer or next(iter(lines)).employer
    before = Sheet.objects.filter(project=made, employer=employer, month=of).order_by("version")
    last = before.last()
    if last:
        Sheet.objects.filter(pk=last.pk).update(known_until=known)
    made_sheet = Sheet.objects.create(
        project=made,
        employer=employer,
        month=of,
        version=last.version + 1 if last else 1,
        feed=feed(known, "payroll", filename),
        people=len(lines),
        known_from=known,
    )
    for row, (engagement, fields) in enumerate(lines.items(), start=5):
        if not isinstance(fields, dict):
            fields = {"net": Decimal(fields)}
        card = WorkerCard.objects.filter(worker=engagement.worker).first()
        fields = {
            "days": Decimal(20),
            "gross": fields["net"],
            "card_hash": card and card.number_hash,
            "worked_month": of,
            "confirmed_on": known,
        } | fields
        SheetLine.objects.create(sheet=made_sheet, engagement=engagement, row=row, **fields)
    totals = list(made_sheet.lines.values_list("net", flat=True))
    made_sheet.net = made_sheet.gross = sum(totals, Decimal(0))
    made_sheet.save()
    return made_sheet


def pay(
    engagement: Engagement,
    month: str,
    amount: Any,
    on: dt.date,
    known: dt.date | None = None,
    returned: bool = False,
    reason: str = "",
) -> BankEntry:
    """A wage payment from the project's account (or its return), matched to the claim."""
    account = Account.objects.filter(project=engagement.project).first()
    entry = BankEntry.objects.create(
        account=account,
        reference=f"BK{next(_serial):010d}",
        is_return=returned,
        kind="return" if returned else "wage",
        booked_on=on,
        amount=Decimal(amount),
        is_credit=returned,
        return_reason=reason,
        counterparty_name=engagement.worker.name,
        feed_id=feed(known or on + DAY, "bank").pk,
        known_from=known or on + DAY,
    )
    PaymentMatch.objects.create(
        entry=entry,
        engagement=engagement,
        month=Month.parse(month),
        amount=-entry.amount if returned else entry.amount,
        booked_on=on,
        is_return=returned,
        method="reference",
        known_from=entry.known_from,
    )
    return entry


def credit(made: Project, amount: Any, on: dt.date, known: dt.date | None = None) -> BankEntry:
    """The owner pays labour cost into the dedicated account."""
    return BankEntry.objects.create(
        account=Account.objects.filter(project=made).first(),
        reference=f"BK{next(_serial):010d}",
        kind="owner",
        booked_on=on,
        amount=Decimal(amount),
        is_credit=True,
        counterparty_name=made.owner.name if made.owner else "",
        feed_id=feed(known or on + DAY, "bank").pk,
        known_from=known or on + DAY,
    )


def statement(
    made: Project, to_date: dt.date, closing: Any = None, known: dt.date | None = None
) -> BankStatement:
    """The bank's data of the project's account reach to `to_date`."""
    return BankStatement.objects.create(
        account=Account.objects.filter(project=made).first(),
        feed_id=feed(known or to_date + DAY, "bank").pk,
        to_date=to_date,
        closing=None if closing is None else Decimal(closing),
        known_from=known or to_date + DAY,
    )


def debit(
    made: Project,
    payee: Engagement,
    amount: Any,
    on: dt.date,
    known: dt.date | None = None,
    purpose: str = "",
    kind: str = "debit",
) -> BankEntry:
    """A payment from a project's account to a worker's card that pays no claim there."""
    card = payee.worker.cards.get()
    return BankEntry.objects.create(
        account=Account.objects.filter(project=made).first(),
        reference=f"BK{next(_serial):010d}",
        kind=kind,
        booked_on=on,
        amount=Decimal(amount),
        is_credit=False,
        counterparty_name=payee.worker.name,
        counterparty_hash=card.number_hash,
        counterparty_masked=card.masked,
        purpose=purpose,
        feed_id=feed(known or on + DAY, "bank").pk,
        known_from=known or on + DAY,
    )


def give_back(entry: BankEntry, on: dt.date, known: dt.date | None = None) -> BankEntry:
    """The bank returns a payment that paid no claim."""
    return BankEntry.objects.create(
        account_id=entry.account_id,
        reference=entry.reference,
        is_return=True,
        kind="return",
        booked_on=on,
        amount=entry.amount,
        is_credit=True,
        counterparty_hash=entry.counterparty_hash,
        returns=entry,
        feed_id=feed(known or on + DAY, "bank").pk,
        known_from=known or on + DAY,
    )


def close_account(made: Project, on: dt.date, known: dt.date | None = None) -> Account:
    """A later feed says that the project's account was closed on that day."""
    account = Account.objects.get(project=made)
    known = known or on
    before = AccountVersion.objects.get(account=account, known_until__isnull=True)
    AccountVersion.objects.filter(pk=before.pk).update(known_until=known)
    AccountVersion.objects.create(
        account=account,
        known_from=known,
        open_date=before.open_date,
        close_date=on,
        status="closed",
        feed_id=feed(known, "accounts").pk,
    )
    Account.objects.filter(pk=account.pk).update(close_date=on, status="closed")
    return account


def leave(engagement: Engagement, on: dt.date, known: dt.date | None = None) -> None:
    """The registry tells of the worker's exit."""
    Engagement.objects.filter(pk=engagement.pk).update(exit_date=on, facts_from=known or on)


def answer(
    line: SheetLine, verdict: str, known: dt.date, until: dt.date | None = None, **fields: Any
) -> Confirmation:
    """The worker's word on a line of a pay sheet."""
    return Confirmation.objects.create(
        line=line,
        engagement_id=line.engagement_id,
        sheet_month=line.sheet.month,
        worked_month=line.worked_month,
        amount=line.net,
        verdict=verdict,
        answered_at=dt.datetime.combine(known, dt.time(10), dt.UTC),
        known_from=known,
        known_until=until,
        **fields,
    )
