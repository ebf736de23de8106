"""A bank table may say that an account did not move (status `none`): what that proves."""

import datetime as dt

import pytest

from payroll import coverage
from payroll.models import BankEntry, BankStatement
from projects.models import Project
from tests.payroll.conftest import codes
from tests.payroll.files import ACCOUNT, bank_row

DAY = dt.date(2026, 4, 16)


def silence(until: str, **changes: str) -> dict[str, str]:
    return dict.fromkeys(bank_row("R1", 1), "") | {
        "accountNo": ACCOUNT,
        "bookedAt": until,
        "status": "none",
        **changes,
    }


def reach() -> dt.date | None:
    project = Project.objects.get()
    return coverage.of(DAY, [project.pk])[project.pk].until


def test_an_account_that_did_not_move_is_known_up_to_that_day(city):
    feed = city([silence("2026-04-15")], DAY)
    assert (feed.status, feed.rows, feed.accepted) == ("accepted", 1, 1), codes(feed)
    assert not BankEntry.objects.exists()
    assert reach() == BankStatement.objects.get().to_date == dt.date(2026, 4, 15)
    assert feed.projects.get() == Project.objects.get()  # and so is judged again


@pytest.mark.parametrize("word", ["无交易", "NONE", "无发生额"])
def test_beside_movements_and_in_other_words(city, word):
    rows = [bank_row("R1", 1), silence("2026-04-15", status=word, amount="0.00")]
    feed = city(rows, DAY)
    assert (feed.status, feed.accepted) == ("accepted", 2), codes(feed)
    assert BankEntry.objects.count() == 1
    assert reach() == dt.date(2026, 4, 15)


def test_what_contradicts_itself_is_sent_back(city):
    feed = city([silence("2026-04-15", amount="300.00")], DAY)
    assert feed.status == "rejected" and codes(feed) == ["silent-amount"]
    feed = city([silence("2026-04-17")], DAY)
    assert feed.status == "rejected"
    feed = city([silence("2026-04-15", accountNo="330900100000000009")], DAY)
    assert codes(feed) == ["account-unknown"]
    assert not BankStatement.objects.exists()
