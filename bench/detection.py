"""How well the rules find what is wrong: recall, precision and days to detection for each rule.

    python bench/detection.py [--cities N] [--projects N] [--workers N] [--months N] [--jobs N]
                              [--markdown docs/detection.md]

Each city is made up from a seed of its own: each with other variants of planted violations, clean
look-alikes and rough data (alerts/simulation/noise.py), loaded through the real feeds, and judged
on every day as of that day. A matter is a rule, a project, a company and a month worked.

    planted    matters that the truth knows and that data prove while they hold
    accused    of these, warned of while they hold
    asked      of these, shown as "data missing" only, though the proof was there
    unseen     of these, not shown at all
    lapsed     of the accused, those that on a later day were only asked about, or not shown
    false      matters warned of on a day on which they do not hold or are not proved yet
    recall     accused / planted;   precision   accused / (accused + false)
    days       from the first day on which the matter holds to the first warning, and from the day
               on which the data that prove it had come
    without proof    matters that ended, or the time of the city did, before the data that would
               prove them came: whether the product asked for the data, as it should, or was silent.
               They count neither for recall nor for precision.
"""

import argparse
import datetime as dt
import io
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
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
    lapsed: int = 0
    false: int = 0
    days: list[int] = field(default_factory=list)
    after_proof: list[int] = field(default_factory=list)
    unproved: int = 0
    unproved_asked: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def recall(self) -> float:
        return self.accused / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        said = self.accused + self.false
        return self.accused / said if said else 1.0

    @property
    def unseen(self) -> int:
        return self.planted - self.accused - self.asked


def judge(first: dt.date, last: dt.date) -> dict[dt.date, dict[Key, bool]]:
    """Every day's open warnings, and whether each accuses (or only asks for data)."""
    from alerts import engine
    from alerts.models import Warning

    said: dict[dt.date, dict[Key, bool]] = {}

    def look(done: engine.Summary) -> None:
        rows = Warning.objects.open().values_list(
            "rule", "project__code", "company__code", "month", "data_missing"
        )
        said[done.as_of] = {
            (r, p, c, str(m) if m else None): not missing for r, p, c, m, missing in rows
        }

    days = (first + dt.timedelta(number) for number in range((last - first).days + 1))
    engine.evaluate_days(days, tell=look)
    return said


@dataclass
class Matter:
    """One item of the truth, and what was said of it."""

    since: dt.date
    until: dt.date
    proved: dt.date | None
    accused: dt.date | None = None
    asked: dt.date | None = None
    lapsed: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        return self.since <= day < self.until

    def see(self, day: dt.date, accuses: bool | None) -> bool:
        """What was said of it on a day on which it holds (None: nothing); gives whether it accuses
        without proof."""
        if accuses:
            self.accused = self.accused or day
            return self.proved is None or day < self.proved
        if self.accused:
            self.lapsed = self.lapsed or day
        if accuses is not None:
            self.asked = self.asked or day
        return False


def matters(truth: list[dict[str, Any]]) -> dict[Key, list[Matter]]:
    found: dict[Key, list[Matter]] = defaultdict(list)
    for item in truth:
        until = dt.date.fromisoformat(item["until"]) if item["until"] else dt.date.max
        proved = dt.date.fromisoformat(item["proved"]) if item["proved"] else None
        key = (item["rule"], item["project"], item["company"], item["month"])
        found[key].append(Matter(dt.date.fromisoformat(item["from"]), until, proved))
    return found


def count(
    truth: list[dict[str, Any]], first: dt.date, last: dt.date, scores: dict[str, Score], city: str
) -> None:
    """Judge the city's every day, and add to the scores."""
    spans = matters(truth)
    false: dict[Key, str] = {}
    for day, said in judge(first, last).items():
        for key, held in spans.items():
            for matter in held:
                if matter.holds(day) and matter.see(day, said.get(key)):
                    false.setdefault(key, f"{city} false {key} on {day}, not proved")
        for key, accuses in said.items():
            if accuses and not any(matter.holds(day) for matter in spans.get(key, ())):
                false.setdefault(key, f"{city} false {key} on {day}")
    for key, held in spans.items():
        for matter in held:
            add(scores[key[0]], matter, f"{key} {matter.since} to {matter.until}", city)
    for key, words in false.items():
        if key[0] not in BY_PEOPLE:
            scores[key[0]].false += 1
            scores[key[0]].misses.append(words)


def add(score: Score, matter: Matter, words: str, city: str) -> None:
    if matter.proved is None:
        score.unproved += 1
        score.unproved_asked += matter.asked is not None
        if matter.asked is None:
            score.misses.append(f"{city} unproved, not asked {words}")
        return
    score.planted += 1
    if matter.accused is None:
        score.asked += matter.asked is not None
        score.misses.append(f"{city} {'asked' if matter.asked else 'unseen'} {words}")
        return
    score.accused += 1
    score.days.append((matter.accused - matter.since).days)
    score.after_proof.append((matter.accused - matter.proved).days)
    if score.after_proof[-1] > 0:
        score.misses.append(f"{city} late by {score.after_proof[-1]} {words}")
    if matter.lapsed:
        score.lapsed += 1
        score.misses.append(f"{city} lapsed on {matter.lapsed} {words}")


def run(seed: int, arguments: argparse.Namespace) -> dict[str, Score]:
    """One city in a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as data:
        set_up(data)
        from django.core.management import call_command

        from alerts.simulation import simulate

        call_command("migrate", verbosity=0)
        scores: dict[str, Score] = defaultdict(Score)
        city, said = Path(data) / "city", io.StringIO()
        made = simulate(
            city,
            projects=arguments.projects,
            workers=arguments.workers,
            months=arguments.months,
            seed=seed,
            noise=not arguments.clean,
            variant=seed - arguments.first_seed + arguments.variant,
        )
        truth = json.loads((city / "truth.json").read_text())
        received = [
            item["received_on"] for item in json.loads((city / "manifest.json").read_text())
        ]
        try:
            call_command("load", str(city), verbosity=0, stdout=said)
        except SystemExit:
            sys.exit(f"city {seed}: a feed was sent back\n{said.getvalue()[-3000:]}")
        first, last = (dt.date.fromisoformat(day) for day in (min(received), max(received)))
        count(truth, first, last, scores, f"city {seed}")
    print(f"city {seed}: {made['workers']} workers, {len(truth)} planted", file=sys.stderr)
    return dict(scores)


def set_up(data: str) -> None:
    os.environ.update(WAGEWATCH_DATA=data, DJANGO_SETTINGS_MODULE="wagewatch.settings")
    os.environ.pop("WAGEWATCH_DATABASE_URL", None)
    import django

    django.setup()


def table(scores: dict[str, Score]) -> str:
    from alerts.rules import catalogue

    rows = [
        "| rule | | planted | accused | asked | unseen | lapsed | false | recall | precision "
        "| days: median | most | after proof: most | without proof | asked |",
        "| --- | --- |" + " ---: |" * 13,
    ]
    total = Score()
    for code, rule in catalogue().items():
        if code in BY_PEOPLE:
            continue
        rows.append(_row(f"| {code} | {rule.title.en} {rule.title.zh}", scores[code]))
        total.add(scores[code])
    return "\n".join([*rows, _row("| all | ", total)])


def _row(title: str, s: Score) -> str:
    days = (f"{statistics.median(s.days):g}", max(s.days), max(s.after_proof)) if s.days else "   "
    return (
        f"{title} | {s.planted} | {s.accused} | {s.asked} | {s.unseen} | {s.lapsed} | {s.false} "
        f"| {s.recall:.3f} | {s.precision:.3f} | {days[0]} | {days[1]} | {days[2]} "
        f"| {s.unproved} | {s.unproved_asked} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cities", type=int, default=6)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--variant", type=int, default=0, help="of the first city's plants")
    parser.add_argument("--projects", type=int, default=60)
    parser.add_argument("--workers", type=int, default=900)
    parser.add_argument("--months", type=int, default=5)
    parser.add_argument("--clean", action="store_true", help="without the noise")
    parser.add_argument("--markdown", type=Path, help="put the table into this page")
    parser.add_argument("--jobs", type=int, default=1, help="cities at once")
    arguments = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    started = time.perf_counter()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.cities)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, spawn, max_tasks_per_child=1) as pool:
        for found in pool.map(run, seeds, [arguments] * len(seeds)):
            for code, score in found.items():
                scores[code].add(score)
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as data:
        set_up(data)
        made = table(scores)
    print(made)
    print(f"\n{len(seeds)} cities in {time.perf_counter() - started:.0f} s")
    for score in scores.values():
        print(*score.misses, sep="\n", end="\n" if score.misses else "")
    if arguments.markdown:
        write(arguments.markdown, made)


def write(page: Path, made: str) -> None:
    """Put the table between the page's two marks."""
    before, rest = page.read_text(encoding="utf-8").split("<!-- table -->\n", 1)
    after = rest.split("<!-- end of table -->", 1)[1]
    text = f"{before}<!-- table -->\n{made}\n<!-- end of table -->{after}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
