"""A month of punches folded into attendance days: ours against raw COPY, in one run, on PostgreSQL.

    WAGEWATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres python bench/punches.py

Ours is `manage.py load` of the month's files (each below the limit of one feed, as a city gets them
week by week) in a process of its own: receive, seal, read, check, fold, resolve workers, commit,
report; its peak memory is that process's. Raw is COPY of the same rows, as they stand in the
files, into a plain punch table with an index on (person, time).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
from load import EMPLOYERS, PER_SHEET, cards, make_city, resident_ids
from scratch import database

DAYS = 25
WORKERS_PER_PROJECT = EMPLOYERS * PER_SHEET
FIRST = np.datetime64("2026-03-01T00:00:00")


def write_files(folder: Path, ids: list[str], days: int, files: int) -> list[Path]:
    """Two punches a day of each worker, each file some days of all projects: project by project,
    each in the order of time. Every 20th worker works at night, from 19:00 to 04:30."""
    codes = np.array([f"P{n // WORKERS_PER_PROJECT:06d}" for n in range(len(ids))])
    count = len(ids)
    numbers = np.array(ids)
    rng = np.random.default_rng(7)
    night = np.arange(count) % 20 == 7
    paths = []
    for number, (start, end) in enumerate(pairwise(np.linspace(0, days, files + 1).astype(int))):
        path = folder / f"attendance-{number}.csv"
        paths.append(path)
        with path.open("w", encoding="utf-8") as file:
            file.write("projectCode,idCardNumber,date,direction,channel\n")
            for begin in range(0, count, WORKERS_PER_PROJECT):
                part = slice(begin, begin + WORKERS_PER_PROJECT)
                size = len(numbers[part])
                days_of = np.repeat(np.arange(start, end), size) * 86_400
                came = np.tile(np.where(night[part], 68_400, 24_600), end - start)
                stayed = np.tile(np.where(night[part], 34_200, 37_800), end - start)
                first = days_of + came + rng.integers(0, 1800, len(days_of))
                last = first + stayed + rng.integers(-900, 0, len(days_of))
                who = np.tile(np.arange(begin, begin + size), end - start)
                seconds = np.r_[first, last]
                order = np.argsort(seconds, kind="stable")
                who, seconds = np.r_[who, who][order], seconds[order]
                direction = np.repeat(["01", "02"], len(first))[order]
                instants = np.char.replace((FIRST + seconds).astype(str), "T", " ")
                rows = zip(codes[who], numbers[who], instants, direction, strict=True)
                file.writelines(f"{a},{b},{c},{d},东门\n" for a, b, c, d in rows)
    return paths


def load(paths: list[Path]) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the real command."""
    command = [sys.executable, "manage.py", "load", *map(str, paths)]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--received-on", "2026-04-03", "--format", "json"],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"load failed: {done.stdout[:2000]} {done.stderr[-2000:]}")
    for report in json.loads(done.stdout):
        assert report["status"] == "accepted" and not report["hints"], report
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def raw_copy(paths: list[Path]) -> float:
    """Seconds of COPY of the same files into a table of punches with its index."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE punch (project text, person text, at timestamp, direction text, "
            "channel text); CREATE INDEX punch_person ON punch (person, at)"
        )
        start = time.perf_counter()
        for path in paths:
            with (
                path.open("rb") as file,
                cursor.copy("COPY punch FROM STDIN (FORMAT csv, HEADER)") as stream,
            ):
                while block := file.read(1 << 20):
                    stream.write(block)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--punches", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=4)
    options = parser.parse_args()
    people = options.punches // (2 * DAYS)
    ids, numbers = resident_ids(people), cards(people)
    with database("punches"):
        from payroll.models import AttendanceDay, AttendanceMonth

        make_city(people, ids, numbers)
        paths = write_files(Path(os.environ["WAGEWATCH_DATA"]), ids, DAYS, options.files)
        size = max(path.stat().st_size for path in paths) >> 20
        del ids, numbers
        seconds, memory = load(paths)
        days, months = AttendanceDay.objects.count(), AttendanceMonth.objects.count()
        assert (days, months) == (people * DAYS, people), (days, months)
        raw = raw_copy(paths)
    punches = people * DAYS * 2
    print(f"{punches:,} punches of {people:,} workers, {len(paths)} files of up to {size} MB")
    print(f"ours, folded into {days:,} days {seconds:8.1f} s   peak {memory:,.0f} MB")
    print(f"raw COPY of the punches     {raw:8.1f} s   ours runs at {raw / seconds:.2f} (aim 0.3)")


if __name__ == "__main__":
    main()
