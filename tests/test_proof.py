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


def city(directory: Path) -> list[dict[str, Any]]:
    """Made and loaded; gives its truth."""
    sites = len(PLANTS) + len(LOOK_ALIKES)
    simulate(directory, projects=sites, workers=20 * sites, months=5, seed=7)
    call_command("load", str(directory), verbosity=0)
    assert set(Feed.objects.values_list("status", flat=True)) == {"accepted"}
    return list(json.loads((directory / "truth.json").read_text()))


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


def at_month_ends(truth: list[dict[str, Any]]) -> None:
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


def on_the_days_of_the_truth(truth: list[dict[str, Any]]) -> None:
    """Each planted day on which something begins or ends, judged after all of it was."""
    for text in sorted({t[edge] for t in truth for edge in ("from", "until") if t[edge]}):
        day = dt.date.fromisoformat(text)
        engine.evaluate(day)
        assert found() == planted(truth, day), text


@pytest.mark.slow
@pytest.mark.django_db
def test_every_planted_violation_is_found_on_its_days_and_nothing_else(tmp_path: Path) -> None:
    truth = city(tmp_path / "city")
    assert {t["rule"] for t in truth} == RULES
    at_month_ends(truth)
    on_the_days_of_the_truth(truth)
