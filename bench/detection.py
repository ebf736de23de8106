"""How well the rules find what is wrong: recall, precision and days to detection for each rule.

    python bench/detection.py [--cities N] [--projects N] [--workers N] [--months N]
                              [--markdown docs/detection.md]

Each city is made up from a seed of its own, with planted violations of every rule, clean
look-alikes and rough data (alerts/simulation/noise.py), loaded through the real feeds, and judged
on every day as of that day. A matter is a rule, a project, a company and a month worked.

    planted    matters that the truth knows, each as long as it lasts
    accused    of these, warned of while they hold
    asked      of these, shown as "data missing" only: a feed that would prove it had not come
    unseen     of these, not shown at all
    false      matters warned of on a day on which they do not hold (each counts once)
    recall     (accused + asked) / planted;   precision   accused / (accused + false)
    days       from the first day on which the matter holds to the first warning
"""

import argparse
import datetime as dt
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

Key = tuple[str, str, str, str | None]
BY_PEOPLE = ("H1", "H2", "H3", "H4")
"""Rules about acts of people; nothing in the feeds plants them."""


@dataclass
class Score:
    """Of one rule, over all cities."""

    planted: int = 0
    accused: int = 0
    asked: int = 0
    false: int = 0
    days: list[int] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return (self.accused + self.asked) / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        said = self.accused + self.false
        return self.accused / said if said else 1.0

    @property
    def unseen(self) -> int:
        return self.planted - self.accused - self.asked


def judge(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dict[Key, bool]]]:
    """Every day's open warnings, and whether each accuses (or only asks for data)."""
    from alerts import engine
    from alerts.models import Warning

    day = first
    while day <= last:
        engine.evaluate(day)
        rows = Warning.objects.open().values_list(
            "rule", "project__code", "company__code", "month", "data_missing"
        )
        yield (
            day,
            {(r, p, c, str(m) if m else None): not missing for r, p, c, m, missing in rows},
        )
        day += dt.timedelta(days=1)


def count(
    truth: list[dict[str, Any]], first: dt.date, last: dt.date, scores: dict[str, Score], city: str
) -> None:
    """Judge the city's every day, and add to the scores."""
    spans: dict[Key, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    for item in truth:
        until = dt.date.fromisoformat(item["until"]) if item["until"] else dt.date.max
        key = (item["rule"], item["project"], item["company"], item["month"])
        spans[key].append((dt.date.fromisoformat(item["from"]), until))
    seen: dict[tuple[Key, dt.date], dt.date] = {}
    false: dict[Key, dt.date] = {}
    asked: set[tuple[Key, dt.date]] = set()
    for day, said in judge(first, last):
        for key, accuses in said.items():
            span = next((s for s in spans.get(key, ()) if s[0] <= day < s[1]), None)
            if accuses and span is None:
                false.setdefault(key, day)
            elif accuses and span:
                seen.setdefault((key, span[0]), day)
            elif span:
                asked.add((key, span[0]))
    for key, held in spans.items():
        for since, until in held:
            score = scores[key[0]]
            score.planted += 1
            day = seen.get((key, since))
            if day is not None:
                score.accused += 1
                score.days.append((day - since).days)
            elif (key, since) in asked:
                score.asked += 1
                score.misses.append(f"{city} asked {key} {since} to {until}")
            else:
                score.misses.append(f"{city} unseen {key} {since} to {until}")
    for key, day in false.items():
        if key[0] not in BY_PEOPLE:
            scores[key[0]].false += 1
            scores[key[0]].misses.append(f"{city} false {key} on {day}")


def run(seed: int, arguments: argparse.Namespace, scores: dict[str, Score]) -> int:
    """One city in the (empty) database; gives the number of days judged."""
    from django.core.management import call_command

    from alerts.simulation import simulate

    with tempfile.TemporaryDirectory(prefix="wagewatch-city-") as folder:
        city = Path(folder) / "city"
        made = simulate(
            city,
            projects=arguments.projects,
            workers=arguments.workers,
            months=arguments.months,
            seed=seed,
            noise=not arguments.clean,
        )
        truth = json.loads((city / "truth.json").read_text())
        days = [item["received_on"] for item in json.loads((city / "manifest.json").read_text())]
        said = io.StringIO()
        try:
            call_command("load", str(city), verbosity=0, stdout=said)
        except SystemExit:
            sys.exit(f"city {seed}: a feed was sent back\n{said.getvalue()[-3000:]}")
    first, last = (dt.date.fromisoformat(day) for day in (min(days), max(days)))
    count(truth, first, last, scores, f"city {seed}")
    call_command("flush", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    print(f"city {seed}: {made['workers']} workers, {len(truth)} planted", file=sys.stderr)
    return (last - first).days + 1


def table(scores: dict[str, Score]) -> str:
    from alerts.rules import catalogue

    rows = [
        "| rule | | planted | accused | asked | unseen | false | recall | precision "
        "| days, median | most |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for code, rule in catalogue().items():
        if code in BY_PEOPLE:
            continue
        s = scores[code]
        days = (f"{statistics.median(s.days):g}", str(max(s.days))) if s.days else ("", "")
        rows.append(
            f"| {code} | {rule.title.en} {rule.title.zh} | {s.planted} | {s.accused} | {s.asked} "
            f"| {s.unseen} | {s.false} | {s.recall:.3f} | {s.precision:.3f} "
            f"| {days[0]} | {days[1]} |"
        )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cities", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--projects", type=int, default=120)
    parser.add_argument("--workers", type=int, default=2400)
    parser.add_argument("--months", type=int, default=6)
    parser.add_argument("--clean", action="store_true", help="without the noise")
    parser.add_argument("--markdown", type=Path, help="put the table into this page")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as data:
        os.environ.update(WAGEWATCH_DATA=data, DJANGO_SETTINGS_MODULE="wagewatch.settings")
        os.environ.pop("WAGEWATCH_DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        scores: dict[str, Score] = defaultdict(Score)
        started = time.perf_counter()
        seeds = range(arguments.first_seed, arguments.first_seed + arguments.cities)
        days = sum(run(seed, arguments, scores) for seed in seeds)
        took = time.perf_counter() - started
        print(table(scores))
        print(f"\n{days} days judged in {took:.0f} s")
        for score in scores.values():
            print(*score.misses, sep="\n", end="\n" if score.misses else "")
        if arguments.markdown:
            write(arguments.markdown, table(scores))


def write(page: Path, made: str) -> None:
    """Put the table between the page's two marks."""
    before, rest = page.read_text(encoding="utf-8").split("<!-- table -->\n", 1)
    after = rest.split("<!-- end of table -->", 1)[1]
    text = f"{before}<!-- table -->\n{made}\n<!-- end of table -->{after}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
