"""The forecast on a made-up city in which the owner leaves some projects short on one payday:
what is planted must be foretold, and next to nothing else."""

from pathlib import Path

import pytest
from django.core.management import call_command

from alerts import simulation
from alerts.forecast import accuracy
from alerts.simulation.plants import PLANTS
from tests.alerts.judge import day

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PROJECTS = 14


def test_planted_shortfalls_are_foretold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On two sites the owner has paid a quarter of the labour cost, or nothing, by the payday
    of the fourth month; the others are clean, with the look-alikes of trouble."""
    plant = PLANTS["B3"]
    for rule in list(PLANTS):
        monkeypatch.delitem(PLANTS, rule)
    monkeypatch.setitem(
        PLANTS, "B3", lambda city, site, variant: plant(city, site, 2 * variant + 1)
    )
    simulation.simulate(
        tmp_path / "city",
        projects=PROJECTS,
        workers=8 * PROJECTS,
        months=5,
        seed=11,
        noise=True,
        variant=1,
    )
    call_command("load", str(tmp_path / "city"), verbosity=0)
    found = accuracy.measure(day("2026-03-01"), day("2026-06-20"), None)
    assert found["short"] == 2 and found["paydays"] > 3 * PROJECTS
    for lead in ("10", "5", "1"):
        told = found["leads"][lead]
        assert (told["hits"], told["misses"], told["unknown_short"]) == (2, 0, 0), lead
    assert found["leads"]["5"]["precision"] == found["leads"]["1"]["precision"] == 1.0
    assert found["leads"]["10"]["precision"] >= 0.5
