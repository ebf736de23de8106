"""The proof: a simulated city, loaded through the pipeline and evaluated at each month's end, shows
every planted violation and nothing else."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from alerts import engine
from alerts.models import Warning
from alerts.rules import catalogue
from alerts.simulation import simulate
from alerts.simulation.build import LOOK_ALIKES
from alerts.simulation.plants import PLANTS
from payroll.models import Feed
from wagewatch.months import Month

Key = tuple[str, str, str, str | None]
RULES = set(catalogue()) - {"H1", "H2", "H3", "H4"}  # those follow from what people do


@pytest.fixture
def city(tmp_path: Path, db: None) -> Path:
    simulate(
        tmp_path / "city",
        projects=len(PLANTS) + len(LOOK_ALIKES),
        workers=20 * (len(PLANTS) + len(LOOK_ALIKES)),
        months=5,
        seed=7,
    )
    call_command("load", str(tmp_path / "city"), verbosity=0)
    assert set(Feed.objects.values_list("status", flat=True)) == {"accepted"}
    return tmp_path / "city"


def planted(truth: list[dict[str, Any]], day: dt.date) -> set[Key]:
    return {
        (t["rule"], t["project"], t["company"], t["month"])
        for t in truth
        if t["from"] <= str(day) and (t["until"] is None or str(day) < t["until"])
    }


def found() -> set[Key]:
    """What the facts show: the oversight rules follow from what people do or leave undone, and
    nobody of this city answers a warning (H1)."""
    rows = Warning.objects.open().filter(rule__in=RULES)
    rows = rows.values_list("rule", "project__code", "company__code", "month")
    return {(rule, project, company, str(m) if m else None) for rule, project, company, m in rows}


@pytest.mark.slow
def test_every_planted_violation_is_found_and_nothing_else(city: Path) -> None:
    truth = json.loads((city / "truth.json").read_text())
    assert {t["rule"] for t in truth} == RULES
    seen: set[str] = set()
    month = Month.parse("2026-02")
    while month <= Month.parse("2026-06"):
        engine.evaluate(month.last)
        expected, actual = planted(truth, month.last), found()
        assert actual == expected, (
            f"{month.last}: not found {sorted(expected - actual, key=str)}, "
            f"too much {sorted(actual - expected, key=str)}"
        )
        seen |= {key[0] for key in actual}
        month = month + 1
    assert seen >= RULES - {"E4"}  # E4 of this city falls between two months' ends, or not
    assert not engine.evaluate(Month.parse("2026-06").last).opened
    # An earlier day is judged by what was known then, whatever has come since.
    engine.evaluate(dt.date(2026, 3, 31))
    assert found() == planted(truth, dt.date(2026, 3, 31))


@pytest.mark.slow
def test_day_by_day_the_truth_opens_and_closes_on_its_days(city: Path) -> None:
    """Not the month's ends alone: each planted day on which something begins or ends."""
    truth = json.loads((city / "truth.json").read_text())
    days = sorted({t[edge] for t in truth for edge in ("from", "until") if t[edge]})
    for text in days:
        day = dt.date.fromisoformat(text)
        engine.evaluate(day)
        assert found() == planted(truth, day), text
