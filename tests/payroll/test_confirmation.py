"""The worker's word: by link, once, with the last four; and cash that only it makes paid."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from payroll import claims, confirmation, cycles, matching
from payroll.models import Confirmation, Cycle, PaymentMatch
from tests import factories
from wagewatch.models import AuditEntry
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
MARCH = Month.parse("2026-03")
NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
DAY = NOW.date()


@pytest.fixture(autouse=True)
def fresh(settings):
    settings.AFTER_FEED = []
    cache.clear()


@pytest.fixture
def line():
    person = factories.worker(factories.project())
    cash = {"net": Decimal(6000), "is_cash": True, "cash_reason": "无卡", "card_hash": None}
    return factories.sheet(person.project, "2026-03", {person: cash}).lines.get()


def last_four(line) -> str:
    return line.engagement.worker.id_number[-4:]


def say(line, verdict="confirmed", text="", day=DAY, four=None):
    return confirmation.answer(
        line, four or last_four(line), verdict, text, address="10.0.0.1", now=NOW, today=day
    )


def cycle(line, day=DAY) -> Cycle:
    cycles.compute(day, [line.sheet.project_id])
    return Cycle.objects.get(project=line.sheet.project_id, month=MARCH)


def test_the_page_shows_nothing_before_the_last_four(line):
    url = f"/c/{confirmation.token(line.pk)}/"
    worker = line.engagement.worker
    page = Client().get(url)
    assert page["Referrer-Policy"] == "same-origin"  # "no-referrer" would fail the CSRF check
    assert page.status_code == 200 and worker.name not in page.content.decode()
    wrong = Client().post(url, {"last_four": "0000"})
    assert wrong.status_code == 400 and worker.name not in wrong.content.decode()
    shown = Client().post(url, {"last_four": last_four(line).lower()}).content.decode()
    assert worker.name in shown and "6,000.00" in shown
    assert worker.id_number not in shown
    done = Client().post(url, {"last_four": last_four(line), "verdict": "confirmed"})
    assert done.status_code == 200
    made = Confirmation.objects.get()
    assert (made.verdict, made.amount, made.address) == ("confirmed", 6000, "127.0.0.1")
    assert AuditEntry.objects.filter(act="line-confirmed").count() == 1
    assert Client().get(url).status_code == 410
    again = Client().post(url, {"last_four": last_four(line), "verdict": "disputed", "text": "x"})
    assert again.status_code == 410 and Confirmation.objects.count() == 1


def test_a_forged_link_is_refused(line):
    for token in (f"{line.pk:x}", confirmation.token(line.pk)[:-1] + "_", "x"):
        assert Client().get(f"/c/{token}/").status_code == 404


def test_five_wrong_tries_lock_the_line(line):
    for _ in range(confirmation.TRIES):
        with pytest.raises(confirmation.Refused, match="number"):
            say(line, four="0000")
    with pytest.raises(confirmation.Refused, match="locked"):
        say(line)
    assert not Confirmation.objects.exists()


def test_a_dispute_needs_words(line):
    with pytest.raises(confirmation.Refused, match="text"):
        say(line, "disputed", " ")
    assert say(line, "disputed", "只拿到五千").text == "只拿到五千"


def test_a_replaced_sheet_is_not_confirmed(line):
    factories.sheet(
        line.sheet.project, "2026-03", {line.engagement: "6100"}, known=dt.date(2026, 4, 8)
    )
    with pytest.raises(confirmation.Refused, match="replaced"):
        say(type(line).objects.get(pk=line.pk))


def test_cash_counts_as_paid_only_when_the_worker_confirms(line):
    assert (cycle(line).paid, cycle(line).unpaid) == (0, 6000)
    say(line)
    key = (line.sheet.project_id, line.sheet.employer_id, MARCH)
    assert (cycle(line).paid, cycle(line).unpaid, cycle(line).paid_people) == (6000, 0, 1)
    (claim,) = claims.of(DAY, [key])[key]
    assert (claim.paid, claim.unpaid, claim.payments[0].reference) == (6000, 0, "现金")
    before = DAY - dt.timedelta(days=1)
    assert cycle(line, before).unpaid == 6000 and claims.of(before, [key])[key][0].unpaid == 6000


def test_a_dispute_of_cash_is_no_payment_and_a_later_answer_replaces_an_earlier(line):
    say(line)
    later = dt.date(2026, 4, 25)
    fields = {"net": Decimal(6200), "is_cash": True, "card_hash": None}
    second = factories.sheet(
        line.sheet.project, "2026-03", {line.engagement: fields}, known=later
    ).lines.get()
    assert cycle(line, later).unpaid == 200  # what was received stays
    say(second, "disputed", "没有收到", day=later)
    assert cycle(line, later).unpaid == 6200
    assert cycle(line, DAY).unpaid == 0  # as it was known then


def test_a_bank_payment_does_not_pay_what_was_paid_in_cash(line):
    person = line.engagement
    april = factories.sheet(person.project, "2026-04", {person: "6000"}, known=dt.date(2026, 5, 4))
    say(line)
    entry = factories.pay(person, "2026-04", "6000", dt.date(2026, 5, 14))
    card = person.worker.cards.get()
    type(entry).objects.filter(pk=entry.pk).update(counterparty_hash=card.number_hash, kind="")
    matching.match([person.project_id])
    assert [str(m.month) for m in PaymentMatch.objects.all()] == ["2026-04"]
    assert april.lines.get().net == 6000
