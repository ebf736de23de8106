"""Days judged in one run say the same as days judged one by one (engine.evaluate_days)."""

import datetime as dt
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from alerts import engine
from alerts.models import Evaluation, Warning, WarningEvent
from alerts.simulation import simulate
from alerts.simulation.plants import PLANTS
from payroll import changes, cycles, ingest, matching
from payroll.changes import PROJECTS, SHEETS, Changes
from payroll.models import Arrear, Cycle
from tests import factories as city
from tests.alerts.judge import day, the
from wagewatch import bulk
from wagewatch.calendars import DAY
from wagewatch.months import Month

FIRST, LAST = dt.date(2026, 6, 3), dt.date(2026, 6, 19)
"""In which the city hears of registry, attendance, sheets, payments and complaints."""


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def rows(model: Any, *leave: str) -> list[tuple[Any, ...]]:
    """Every row, but for its key."""
    names = [field.attname for field in model._meta.concrete_fields]
    found = model.objects.values_list(*(name for name in names if name not in ("id", *leave)))
    return sorted(found, key=str)


def proofs() -> Iterator[dict[str, Any]]:
    """The evidence of every warning; H1's without the numbers of the warnings it lists, which are
    others each time they are made."""
    for rule, evidence in Warning.objects.values_list("rule", "evidence"):
        if rule == "H1":
            lines = [{k: v for k, v in row.items() if k != "warning"} for row in evidence["rows"]]
            evidence["rows"] = sorted(lines, key=str)
        yield evidence


def told(on: dt.date) -> list[Any]:
    """All that judging leaves on a day: facts, ledger, what it found, its steps, each warning."""
    steps = WarningEvent.objects.filter(on=on).values_list(
        *("act", "level", "note", "warning__rule", "warning__project", "warning__company"),
        *("warning__month", "warning__subject"),
    )
    return [
        rows(Cycle, "as_of"),
        rows(Arrear),
        rows(Evaluation, "seconds", "at"),
        sorted(steps, key=str),
        rows(Warning, "folded_under_id", "fingerprint", "evidence"),
        sorted(json.dumps(evidence) for evidence in proofs()),
    ]


@pytest.mark.slow
@pytest.mark.django_db
def test_a_run_of_days_says_the_same(tmp_path: Path) -> None:
    simulate(tmp_path, projects=len(PLANTS), workers=6 * len(PLANTS), months=3, seed=12)
    for item in json.loads((tmp_path / "manifest.json").read_text()):
        feed = ingest.receive(
            io.BytesIO((tmp_path / item["file"]).read_bytes()),
            item["file"].replace("/", "-"),
            received_on=dt.date.fromisoformat(item["received_on"]),
            received_at=timezone.now(),
            kind=item["kind"],
        )
        ingest.process(feed, evaluate=False, match=False)
    matching.match(None)

    # The days on which a month is told and paid one by one; gaps; going back.
    asked = [*days(FIRST, LAST), LAST + 3 * DAY, LAST + 11 * DAY, FIRST + 9 * DAY, FIRST + 10 * DAY]

    with transaction.atomic():
        one_by_one = [(engine.evaluate(on), told(on))[1] for on in asked]
        transaction.set_rollback(True)
    assert len({warning[0] for each in one_by_one for warning in each[4]}) > 25  # rules
    in_a_run: list[list[Any]] = []
    engine.evaluate_days(asked, tell=lambda done: in_a_run.append(told(done.as_of)))
    for on, each, run in zip(asked, one_by_one, in_a_run, strict=True):
        assert run == each, on
    assert set(Cycle.objects.values_list("as_of", flat=True)) == {asked[-1]}


@pytest.mark.django_db
def test_only_months_that_a_day_brings_something_to_are_reckoned_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = city.project()
    person = city.worker(project)
    for month in ("2026-02", "2026-03"):
        city.attend(person, month)
        city.sheet(project, month, {person: "5000"}, known=day("2026-04-10"))
    city.pay(person, "2026-02", "5000", day("2026-04-12"))
    asked = []
    fill = cycles.fill

    def spy(as_of: dt.date, projects: Any, months: Any) -> int:
        asked.append(months and {str(month) for month in months})
        return fill(as_of, projects, months)

    monkeypatch.setattr(cycles, "fill", spy)
    engine.evaluate_days(days(day("2026-04-09"), day("2026-04-15")))
    known = Cycle.objects.get(month=Month.parse("2026-02")).last_paid_on
    assert known == day("2026-04-12")
    assert asked == [None, {"2026-02", "2026-03"}, set(), set(), {"2026-02"}, set(), set()]
    assert set(Cycle.objects.values_list("as_of", flat=True)) == {day("2026-04-15")}


@pytest.mark.django_db
def test_changes_look_ahead_for_a_while() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"}, known=day("2026-04-10"))
    ahead = Changes(day("2026-04-05"))
    assert ahead.reaches(day("2026-04-05")) and not ahead.reaches(day("2026-04-04"))
    assert ahead.reaches(day("2026-07-14")) and not ahead.reaches(day("2026-07-15"))
    assert ahead.between([PROJECTS, SHEETS], day("2026-04-05"), day("2026-04-10"))
    assert ahead.between([SHEETS], day("2026-04-09"), day("2026-04-10"))
    assert not ahead.between([SHEETS], day("2026-04-10"), day("2026-07-01"))
    assert not ahead.between([PROJECTS], day("2026-04-05"), day("2026-07-01"))
    april = (day("2026-04-05"), day("2026-04-30"))
    assert ahead.months([SHEETS], *april) == {Month.parse("2026-03")}
    assert ahead.months([PROJECTS], *april) == set()
    city.change_project(project, day("2026-04-20"), pay_day=20)
    assert Changes(day("2026-04-05")).months([SHEETS, PROJECTS], *april) is None
    with pytest.raises(AssertionError):
        ahead.between([SHEETS], day("2026-04-10"), day("2026-08-01"))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_others_write_between_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: "5000"})
    city.statement(project, day("2026-12-31"), closing="0", known=day("2026-04-01"))
    monkeypatch.setattr(changes, "HELD", 0.0)

    def elsewhere() -> None:
        try:
            city.pay(person, "2026-03", "5000", day("2026-04-14"))
        finally:
            connection.close()

    begun = []
    rest = bulk.uncollected

    def begin() -> Any:
        begun.append(1)
        if len(begun) == 4:  # a payment of a day long judged comes in before the fourth
            other = threading.Thread(target=elsewhere)
            other.start()
            other.join()
        return rest()

    monkeypatch.setattr(bulk, "uncollected", begin)
    engine.evaluate_days(days(day("2026-04-16"), day("2026-04-20")))
    assert Warning.objects.get(rule="E1").cleared_on == day("2026-04-19")


@pytest.mark.django_db
def test_the_evaluate_command_judges_day_by_day() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: "5000"})
    city.statement(project, day("2026-12-31"), closing="0", known=day("2026-04-01"))
    out = io.StringIO()
    call_command("evaluate", "--from", "2026-04-14", "--as-of", "2026-04-17", stdout=out)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["as_of"] for one in said] == [f"2026-04-{number}" for number in range(14, 18)]
    assert the("E1").opened_on == day("2026-04-16")
    with pytest.raises(CommandError, match="after"):
        call_command("evaluate", "--from", "2026-04-18", "--as-of", "2026-04-17", stdout=out)
