"""What the engine promises, for any way in which the same facts may arrive (rules.md): any order of
feeds, any repetition, any split of a file, judged once at the end or on any days between, in one
run or day by day, the whole city or project by project, the warnings are the same."""

import csv
import datetime as dt
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts import engine
from alerts.models import Warning
from alerts.rules import catalogue
from alerts.simulation import simulate
from alerts.simulation.plants import PLANTS
from payroll import ingest, matching
from payroll.models import Feed
from projects.models import Project

END = dt.date(2026, 6, 9)
"""Within the city's time: what comes later must make no difference either."""
_SECOND = "WAGEWATCH_DATABASE_URL" in os.environ  # SQLite has had its turn
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "2" if _SECOND else "3"))
"""More, and other ones each time, when asked for: CONTRIBUTING.md."""
FIRST = ("projects", "participants", "accounts", "workers")
"""What the other feeds name must be known before them, whatever the order."""


class Arrival(NamedTuple):
    """A file as it comes: `name` and bytes, its kind, and the day on which it is received."""

    name: str
    data: bytes
    kind: str
    day: dt.date


@pytest.fixture(scope="module")
def arrivals(tmp_path_factory: pytest.TempPathFactory) -> list[Arrival]:
    """Every file of a city in which each rule has a site, in the order in which they come."""
    city = tmp_path_factory.mktemp("properties") / "city"
    simulate(city, projects=len(PLANTS), workers=6 * len(PLANTS), months=4, seed=11)
    return [
        Arrival(
            item["file"].replace("/", "-"),
            (city / item["file"]).read_bytes(),
            item["kind"],
            dt.date.fromisoformat(item["received_on"]),
        )
        for item in json.loads(Path(city / "manifest.json").read_text())
    ]


def load(arrivals: list[Arrival]) -> list[str]:
    """What became of each."""
    standing = []
    for arrival in arrivals:
        feed = ingest.receive(
            io.BytesIO(arrival.data),
            arrival.name,
            received_on=arrival.day,
            received_at=timezone.now(),
            kind=arrival.kind,
        )
        ingest.process(feed, evaluate=False, match=False)
        standing.append(feed.status)
    matching.match(None)
    return standing


def said() -> set[tuple[Any, ...]]:
    """Every open warning with all that it says, but for the names of the files.

    Levels are those of the facts: H1 raises a level by how long a company was shown the warning
    without answering, and what was never judged was never shown (docs/decisions/0014).
    """
    return {
        (
            *(warning.rule, warning.project.code, warning.company.code, str(warning.month)),
            *(warning.subject, warning.own_level, warning.since, warning.workers, warning.amount),
            warning.data_missing,
            under.rule if (under := warning.folded_under) else "",
            json.dumps([warning.evidence[part] for part in ("facts", "arithmetic")]),
        )
        for warning in Warning.objects.open()
        .exclude(rule="H1")
        .select_related("project", "company", "folded_under")
    }


@pytest.fixture(scope="module")
def expected(arrivals: list[Arrival], django_db_setup: Any, django_db_blocker: Any) -> Any:
    """What is said at the end when everything comes once, whole, in order, judged once."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert set(load(arrivals)) == {Feed.Status.ACCEPTED}
        engine.evaluate(END)
        found = said()
        transaction.set_rollback(True)
    assert len({warning[0] for warning in found}) > len(catalogue()) // 4
    return found


def split(arrival: Arrival, at: int) -> Iterator[Arrival]:
    """A file of punches as two files, each with the heading; any other as it is."""
    if arrival.kind != "attendance":
        yield arrival
        return
    rows = list(csv.reader(io.StringIO(arrival.data.decode("utf-8-sig"))))
    place = 1 + at % max(1, len(rows) - 1)
    for number, part in enumerate((rows[1:place], rows[place:])):
        if part:
            out = io.StringIO()
            csv.writer(out).writerows([rows[0], *part])
            yield arrival._replace(name=f"{number}-{arrival.name}", data=out.getvalue().encode())


@st.composite
def journeys(draw: st.DrawFn) -> dict[str, Any]:
    """How the facts arrive and are judged."""
    return {
        "shuffle": draw(st.randoms(use_true_random=False)),
        "split": draw(st.sets(st.integers(0, 400), max_size=20)),
        "again": draw(st.sets(st.integers(0, 400), max_size=20)),
        "between": draw(st.lists(st.integers(0, 120), max_size=4)),
        "in_a_run": draw(st.booleans()),
        "by_project": draw(st.booleans()),
    }


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize="PROPERTY_EXAMPLES" not in os.environ,
)
@given(journey=journeys())
def test_the_way_in_makes_no_difference(
    arrivals: list[Arrival], expected: Any, journey: dict[str, Any]
) -> None:
    registry = [arrival for arrival in arrivals if arrival.kind in FIRST]
    facts = [arrival for arrival in arrivals if arrival.kind not in FIRST]
    journey["shuffle"].shuffle(facts)
    coming: list[Arrival] = []
    for place, arrival in enumerate(facts):
        coming += split(arrival, place) if place in journey["split"] else [arrival]
        if place in journey["again"]:
            coming.append(arrival)
    with transaction.atomic():
        standing = load(registry) + load(coming)
        assert set(standing) <= {Feed.Status.ACCEPTED, Feed.Status.DUPLICATE}
        between = [END - dt.timedelta(days=days) for days in journey["between"]]
        if journey["in_a_run"]:
            engine.evaluate_days([*between, END])
        else:
            for day in between:  # backwards too: the engine rewinds
                engine.evaluate(day)
        if journey["by_project"]:
            for pk in Project.objects.values_list("pk", flat=True).order_by("-pk"):
                engine.evaluate(END, [pk])
        elif not journey["in_a_run"]:
            engine.evaluate(END)
        found = said()
        transaction.set_rollback(True)
    differing = sorted(
        (*map(str, one), "only so" if one in found else "lost") for one in found ^ expected
    )
    assert differing == []
