"""The pipeline end to end: every kind, versions, duplicates, all or nothing, order of loading."""

import datetime as dt
import itertools
from decimal import Decimal

from payroll.models import (
    AttendanceDay,
    AttendanceMonth,
    BankEntry,
    BankStatement,
    PaymentMatch,
    Sheet,
    SheetLine,
)
from projects.models import Account, Engagement, NoticeBoard, Party, Project, Security, WorkerCard
from tests.payroll.conftest import codes
from tests.payroll.files import (
    PROJECT,
    bank_row,
    card,
    csv_bytes,
    name,
    participant_rows,
    person,
    project_row,
    punch_row,
    sheet_row,
)
from wagewatch.months import Month

APRIL = dt.date(2026, 4, 9)


def test_registry_feeds_fill_the_registry(city):
    project = Project.objects.get(code=PROJECT)
    assert (project.pay_day, project.owner.name) == (15, "定海港城置业有限公司")
    assert Party.objects.filter(project=project).count() == 3
    assert Account.objects.get().open_date == dt.date(2025, 10, 1)
    engagement = Engagement.objects.select_related("worker").get(worker__name=name(3))
    assert engagement.worker.id_number == person(3)
    assert engagement.unit_price == 400
    assert WorkerCard.objects.filter(registered=True).count() == 10
    rows = [
        {"projectCode": PROJECT, "kind": "工资保证金", "form": "bank guarantee",
         "amount": "1600000",
         "issuer": "舟山银行", "validFrom": "2025-10-01", "validTo": "2027-10-01"}
    ]  # fmt: skip
    assert city(rows).status == "accepted"
    assert Security.objects.get().kind == "deposit"
    site = [{"projectCode": PROJECT, "noticeBoardDate": "2025年10月20日", "photoReference": "a1"}]
    assert city(site).status == "accepted"
    assert NoticeBoard.objects.get().date == dt.date(2025, 10, 20)


def test_pay_sheet_then_payment(city):
    feed = city([sheet_row(n) for n in range(10)], APRIL)
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "payroll", 10), codes(feed)
    sheet = Sheet.objects.get()
    assert (sheet.people, sheet.net, sheet.month) == (10, Decimal(60000), Month.parse("2026-03"))
    feed = city([bank_row(f"R{n}", n) for n in range(10)], dt.date(2026, 4, 16))
    assert (feed.status, feed.kind) == ("accepted", "bank"), codes(feed)
    assert PaymentMatch.objects.count() == 10
    assert set(BankEntry.objects.values_list("kind", flat=True)) == {"wage"}
    assert BankStatement.objects.get().to_date == dt.date(2026, 4, 15)
    match = PaymentMatch.objects.first()
    assert (match.amount, match.known_from) == (Decimal(6000), dt.date(2026, 4, 16))


def test_corrected_sheet_is_version_two_and_the_first_stays(city):
    city([sheet_row(1)], APRIL)
    city([sheet_row(1, amount=6500)], dt.date(2026, 4, 12))
    first, second = Sheet.objects.order_by("version")
    assert (first.version, first.known_until) == (1, dt.date(2026, 4, 12))
    assert (second.version, second.known_until) == (2, None)
    assert SheetLine.objects.get(sheet=first).net == 6000


def test_same_bytes_again_are_a_duplicate(city):
    data = csv_bytes([sheet_row(1)])
    first = city(data, APRIL)
    again = city(data, dt.date(2026, 4, 20))
    assert (again.status, again.duplicate_of) == ("duplicate", first)
    assert SheetLine.objects.count() == 1


def test_a_rejected_file_leaves_nothing_and_may_come_again(city):
    data = csv_bytes([sheet_row(1), sheet_row(30)])
    feed = city(data, APRIL)
    assert (feed.status, codes(feed)) == ("rejected", ["worker-unknown"])
    assert not Sheet.objects.exists()
    from tests.payroll.files import worker_row

    city([worker_row(30)])
    assert city(data, APRIL).status == "accepted"


def test_registry_versions_are_the_same_in_any_order(city):
    late = [project_row(prjStatus="005")]
    early = [project_row(name="旧名")]
    city(late, dt.date(2026, 3, 1))
    city(early, dt.date(2025, 12, 1))
    project = Project.objects.get()
    assert project.status == "005"
    history = list(project.versions.order_by("known_from").values_list("known_from", "known_until"))
    days = [dt.date(2025, 12, 1), dt.date(2026, 1, 5), dt.date(2026, 3, 1), None]
    assert history == list(itertools.pairwise(days))


def test_attendance_days_and_month(city):
    rows = [
        punch_row(1, "2026-03-02 06:55:00", "01"),
        punch_row(1, "2026-03-02 17:05:00", "02"),
        punch_row(1, "2026-03-03 19:00:00", "01"),  # a night shift
        punch_row(1, "2026-03-04 04:10:00", "02"),
        punch_row(1, "2026-03-04 19:00:00", "01"),
    ]
    feed = city(rows, dt.date(2026, 3, 5))
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "attendance", 5), codes(feed)
    days = list(AttendanceDay.objects.order_by("day").values_list("day", "punches", "hours"))
    assert days == [
        (dt.date(2026, 3, 2), 2, Decimal("10.17")),
        (dt.date(2026, 3, 3), 2, Decimal("9.17")),
        (dt.date(2026, 3, 4), 1, None),
    ]
    month = AttendanceMonth.objects.get()
    assert (month.days, month.month) == (3, Month.parse("2026-03"))
    more = [punch_row(1, "2026-03-04 23:00:00", "02"), punch_row(1, "2026-03-05 07:00:00", "01")]
    city(more, dt.date(2026, 3, 6))
    month = AttendanceMonth.objects.get()
    assert (month.days, month.settled_on) == (4, dt.date(2026, 3, 6))
    assert AttendanceDay.objects.get(day="2026-03-04").hours == 4


def test_a_card_only_on_the_sheet_is_kept_unregistered(city):
    city([sheet_row(1, payRollBankCardNumber=card(77))], APRIL)
    new = WorkerCard.objects.get(registered=False)
    assert (new.number, new.worker.name, new.known_from) == (card(77), name(1), APRIL)


def test_a_party_does_not_leave_after_today(city):
    rows = participant_rows()
    leaves = [{**row, "exitTime": "2026-04-10" if n == 2 else ""} for n, row in enumerate(rows)]
    feed = city(leaves, dt.date(2026, 4, 9))
    assert [issue.code for issue in feed.issues.all()] == ["date-future"]
    assert city(leaves, dt.date(2026, 4, 10), "b.csv").status == "accepted"
