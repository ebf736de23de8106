"""A year of the demo city judged day by day through the engine, on either database.

    python bench/replay.py [--projects 40] [--workers 3000] [--months 13] [--days N] [--profile]
    python bench/replay.py --each        each day for itself, as the nightly round judges
    python bench/replay.py --here        the city that the configured database holds already

Without --here a city is made and loaded through the real feeds into a scratch database: SQLite, or
a PostgreSQL server named by WAGEWATCH_DATABASE_URL. Measured is `engine.evaluate_days`, which the
command `evaluate --from` calls: pay cycles, all rules, evidence, warnings, history, folding.
"""

import argparse
import cProfile
import datetime as dt
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scratch import database


@contextmanager
def city(arguments: argparse.Namespace) -> Iterator[None]:
    """Django on a database that holds the city."""
    if arguments.here:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wagewatch.settings")
        import django

        django.setup()
        yield
        return
    if os.environ.get("WAGEWATCH_DATABASE_URL", "").startswith("postgres"):
        with database("replay"):
            load(arguments)
            yield
        return
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as data:
        os.environ |= {"WAGEWATCH_DATA": data, "DJANGO_SETTINGS_MODULE": "wagewatch.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        load(arguments)
        yield


def load(arguments: argparse.Namespace) -> None:
    from django.db import connection

    from alerts.simulation import demo
    from payroll import matching

    with tempfile.TemporaryDirectory(prefix="wagewatch-city-") as folder:
        files = Path(folder) / "feeds"
        size = (arguments.projects, arguments.workers, arguments.months)
        demo.add_authorities()
        demo.make_files(files, *size, seed=1, say=say)
        demo.load(files, say)
    matching.match(None)
    if connection.vendor == "postgresql":  # what autovacuum does where feeds come over months
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def say(text: str) -> None:
    print(text, file=sys.stderr)


def replay(days: int, each: bool) -> tuple[list[float], float]:
    """Seconds of each day's evaluation, the last of them today; and of all, from begin to end."""
    from django.utils import timezone

    from alerts import engine

    today, started = timezone.localdate(), time.perf_counter()
    wanted = [today - dt.timedelta(back) for back in range(days - 1, -1, -1)]
    done = [engine.evaluate(day) for day in wanted] if each else engine.evaluate_days(wanted)
    return [one.seconds for one in done], time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("projects", 40), ("workers", 3000), ("months", 13), ("days", 365)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    with city(arguments):
        from django.db import connection

        profile = cProfile.Profile() if arguments.profile else None
        busy = time.process_time()
        asked = (arguments.days, arguments.each)
        took, whole = profile.runcall(replay, *asked) if profile else replay(*asked)
        busy = time.process_time() - busy
        cuts = statistics.quantiles(took, n=20)
        print(
            f"{connection.vendor}: {len(took)} days in {whole:.1f} s; a day: median "
            f"{statistics.median(took):.3f} s, 95th percentile {cuts[-1]:.3f} s, "
            f"slowest {max(took):.3f} s; processor time of this process {busy:.1f} s"
        )
        if profile:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
