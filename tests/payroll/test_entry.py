"""The pay sheet entered on line: through the same pipeline, without a number in the browser."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client

from payroll.models import Feed, Sheet, SheetLine
from projects.models import Company, Engagement, Member, WorkerCard
from tests.payroll.files import GENERAL, OWNER, PROJECT, SUB, card, person, punch_row, sheet_row
from wagewatch import identity, vault

APRIL = dt.date(2026, 4, 9)
PLACE = {"project": PROJECT, "employer": SUB, "month": "2026-03"}


@pytest.fixture
def clients(city) -> dict[str, Client]:
    made = {}
    for role, code in (("sub", SUB), ("general", GENERAL), ("owner", OWNER)):
        user = User.objects.create_user(role)
        Member.objects.create(user=user, role=role, company=Company.objects.get(code=code))
        made[role] = Client()
        made[role].force_login(user)
    return made


def engaged(n: int) -> Engagement:
    return Engagement.objects.get(worker__id_hash=vault.blind(person(n)))


def form(**cells: str) -> dict[str, str]:
    people = [engaged(n) for n in range(2)]
    filled = {f"days-{e.pk}": "21" for e in people} | {f"gross-{e.pk}": "6200" for e in people}
    filled |= {f"deductions-{people[0].pk}": "150.50"}
    return PLACE | filled | cells


def test_the_form_is_filled_from_last_month_and_the_gate(clients, city):
    city([sheet_row(0, "2026-02", 5800)], APRIL)
    city([punch_row(0, f"2026-03-{d:02d} 07:00:00", "01") for d in range(2, 7)], APRIL)
    page = clients["sub"].get("/sheets/entry/", PLACE)
    row = next(row for row in page.context["rows"] if row.engagement == engaged(0))
    assert (row.days, row.gross, row.card) == ("5", "5800.00", identity.mask_card(card(0)))
    text = page.content.decode()
    assert person(0) not in text and card(0) not in text
    assert len(page.context["rows"]) == 10


def test_what_is_entered_becomes_a_sheet_and_a_correction_a_version(clients):
    answer = clients["sub"].post("/sheets/entry/", form())
    feed = Feed.objects.order_by("-pk").first()
    assert answer.status_code == 302 and (feed.status, feed.channel) == ("accepted", "web")
    sheet = Sheet.objects.get()
    assert (sheet.people, sheet.gross, sheet.net) == (2, 12400, Decimal("12249.50"))
    line = sheet.lines.get(engagement=engaged(0))
    assert vault.blind(card(0)) == line.card_hash and line.days == 21
    first = engaged(0)
    assert "已按本表第 1 版填入" in clients["sub"].get("/sheets/entry/", PLACE).content.decode()
    clients["sub"].post("/sheets/entry/", form(**{f"gross-{first.pk}": "6300"}))
    assert Sheet.objects.current().get().version == 2


def test_a_correction_keeps_back_pay_and_who_has_left(clients, city):
    back = sheet_row(2, amount=700, isBackPay="1", backPayMonth="2026-01")
    assert city([sheet_row(0), sheet_row(3), back], APRIL).status == "accepted"
    Engagement.objects.filter(pk=engaged(3).pk).update(exit_date="2026-02-20")
    page = clients["sub"].get("/sheets/entry/", PLACE)
    assert engaged(3) in [row.engagement for row in page.context["rows"]]
    clients["sub"].post("/sheets/entry/", form(**{f"gross-{engaged(3).pk}": "6000"}))
    sheet = Sheet.objects.current().get()
    assert (sheet.version, sheet.people) == (2, 4)
    line = sheet.lines.get(is_back_pay=True)
    assert (line.engagement, str(line.worked_month), line.net) == (engaged(2), "2026-01", 700)


def test_wrong_amounts_stand_beside_their_worker_and_nothing_is_lost(clients):
    first = engaged(0)
    page = clients["sub"].post("/sheets/entry/", form(**{f"gross-{first.pk}": "sechs"}))
    assert page.status_code == 400 and not Sheet.objects.exists()
    rows = {row.engagement: row for row in page.context["rows"]}
    mine, other = rows[engaged(0)], rows[engaged(1)]
    assert mine.said and not other.said
    assert (mine.wrong, mine.said.count("sechs")) == ({"gross"}, 1)  # net is not told as well
    assert (mine.gross, other.gross) == ("sechs", "6200")


def test_a_worker_without_a_card_is_paid_in_cash_with_a_reason(clients):
    first = engaged(0)
    WorkerCard.objects.filter(worker=first.worker).delete()
    clients["sub"].post("/sheets/entry/", form(**{f"cash_reason-{first.pk}": "补办银行卡中"}))
    line = SheetLine.objects.get(engagement=first)
    assert (line.is_cash, line.cash_reason) == (True, "补办银行卡中")


def test_a_stranger_is_not_served(clients):
    other = PLACE | {"employer": GENERAL}
    assert "rows" not in clients["sub"].get("/sheets/entry/", other).context
    clients["sub"].post("/sheets/entry/", form(employer=GENERAL))
    assert not Sheet.objects.exists()
    assert clients["owner"].get("/sheets/entry/").status_code == 403


def test_queries_do_not_grow_with_workers(clients, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        clients["sub"].get("/sheets/entry/", PLACE)
