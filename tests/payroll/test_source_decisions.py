"""A person's decision on a conflict: from its day on, until a source says yet another value."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from payroll.models import Feed
from payroll.sources import deciding
from payroll.sources.deciding import NotPossible
from projects.models import Conflict, FieldDecision, Project, ProjectVersion
from tests.payroll.files import PROJECT, project_row
from tests.payroll.test_sources import FEB, MARCH, Load, hints, told
from wagewatch.known import known_on
from wagewatch.models import AuditEntry

APRIL, MAY = dt.date(2026, 4, 1), dt.date(2026, 5, 6)


@pytest.fixture
def disputed(load: Load) -> Callable[..., Feed]:
    """Reform says 80 million, housing 90."""
    load([project_row()], source="reform")
    load(told(contractAmount="90000000", payDay=""), FEB, source="housing")
    return load


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(username="inspector")


def decide(user: User, source: str, on: dt.date = MARCH, **given: Any) -> FieldDecision:
    found = Conflict.objects.get()
    given = {"seen": deciding.seen_of(found), "reason": "见合同原件"} | given
    return deciding.decide(found, user, source, given.pop("reason"), on=on, **given)


def amount(day: dt.date | None = None) -> int:
    if day is None:
        return int(Project.objects.get(code=PROJECT).contract_amount or 0)
    return int(ProjectVersion.objects.get(known_on(day)).contract_amount or 0)


def test_a_decision_counts_from_its_day(disputed: Load, user: User) -> None:
    made = decide(user, "housing")
    assert (made.value, made.seen) == (
        "90000000.00", {"reform": "80000000.00", "housing": "90000000.00"},
    )  # fmt: skip
    assert (amount(FEB), amount(MARCH), amount()) == (80_000_000, 90_000_000, 90_000_000)
    found = Conflict.objects.get()
    assert (found.standing, found.held_source) == ("decided", "housing")
    entry = AuditEntry.objects.get(act="source-decided")
    assert entry.detail["before"] == "80000000.00" and entry.user == user


def test_repeats_leave_it_and_another_value_opens_it_again(disputed: Load, user: User) -> None:
    decide(user, "housing")
    feed = disputed([project_row() | {"x": "1"}], APRIL, source="reform")
    assert hints(feed) == ["value-decided"]
    assert (Conflict.objects.get().standing, amount()) == ("decided", 90_000_000)
    disputed(told(contractAmount="85000000", payDay=""), MAY, source="reform")
    found = Conflict.objects.get()
    assert (found.standing, found.held_source, amount()) == ("open", "housing", 90_000_000)
    assert found.opened_on == FEB


def test_the_chosen_source_may_correct_itself_and_is_then_open_again(
    disputed: Load, user: User
) -> None:
    decide(user, "housing")
    disputed(told(contractAmount="91000000", payDay=""), APRIL, source="housing")
    assert (amount(MARCH), amount()) == (90_000_000, 91_000_000)
    assert Conflict.objects.get().standing == "open"


def test_undone_it_counts_no_more_from_that_day_on(disputed: Load, user: User) -> None:
    made = decide(user, "housing")
    deciding.undo(made, user, on=APRIL)
    assert (amount(FEB), amount(MARCH), amount(APRIL)) == (80_000_000, 90_000_000, 80_000_000)
    assert Conflict.objects.get().standing == "open"
    with pytest.raises(NotPossible):
        deciding.undo(made, user, on=MAY)
    again = decide(user, "housing", on=MAY)
    deciding.undo(again, user, on=MAY)  # on the same day: it never counted
    assert amount(MAY) == 80_000_000
    assert ProjectVersion.objects.count() == 3
    assert AuditEntry.objects.filter(act="source-decision-undone").count() == 2


def test_a_decision_between_two_others_is_undone(disputed: Load, user: User) -> None:
    """The feeds after it count as they would have counted without it."""
    made = decide(user, "housing")
    disputed(told(contractAmount="92000000", payDay=""), APRIL, source="housing")
    deciding.undo(made, user, on=MAY)
    assert [amount(day) for day in (FEB, MARCH, APRIL, MAY)] == [
        80_000_000, 90_000_000, 92_000_000, 80_000_000,
    ]  # fmt: skip


def test_what_was_not_seen_is_not_decided(disputed: Load, user: User) -> None:
    found = Conflict.objects.get()
    seen = deciding.seen_of(found)
    disputed(told(contractAmount="70000000", payDay=""), MARCH, source="transport")
    with pytest.raises(NotPossible):
        deciding.decide(found, user, "housing", "见合同", seen=seen, on=MARCH)
    for source, reason in (("water", "见合同"), ("housing", "  ")):
        with pytest.raises(NotPossible):
            decide(user, source, reason=reason)
    assert not FieldDecision.objects.exists() and amount() == 80_000_000


def test_a_file_of_the_past_that_nobody_saw_is_open(disputed: Load, user: User) -> None:
    decide(user, "housing", on=MARCH)
    disputed(told(contractAmount="60000000", payDay=""), dt.date(2026, 2, 9), source="water")
    found = Conflict.objects.get()
    assert (found.standing, amount()) == ("open", 90_000_000)


def test_followers_are_told(disputed: Load, user: User, settings: Any) -> None:
    settings.AFTER_FEED = ["tests.payroll.test_source_decisions.note"]
    NOTED.clear()
    decide(user, "housing")
    noted = [([Project.objects.get(code=PROJECT).pk], MARCH)]
    assert noted == NOTED


NOTED: list[tuple[list[int], dt.date]] = []


def note(projects: list[int], as_of: dt.date) -> None:
    NOTED.append((projects, as_of))
