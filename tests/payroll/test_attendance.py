"""Punches to days: night shifts, the same punch twice, clocks that are wrong, other time zones."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from payroll import ingest
from payroll.checks.attendance import pack, to_days
from payroll.models import AttendanceDay, AttendanceMonth
from projects.models import Project
from tests.payroll.conftest import codes
from tests.payroll.files import GENERAL, PROJECT, person, project_row, punch_row, worker_row

RECEIVED = dt.date(2026, 3, 31)


def days(n: int = 1) -> list[tuple[Any, ...]]:
    rows = AttendanceDay.objects.filter(engagement__worker__id_hash=blind(n)).order_by("day")
    return [(f"{d:%d}", p, h) for d, p, h in rows.values_list("day", "punches", "hours")]


def blind(n: int) -> Any:
    from wagewatch import vault

    return vault.blind(person(n))


def punches(*given: str, n: int = 1) -> list[dict[str, Any]]:
    """`02 07:00 in` -> the row of 2 March."""
    split = (one.split() for one in given)
    return [
        punch_row(n, f"2026-03-{day} {clock}:00", "01" if way == "in" else "02")
        for day, clock, way in split
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # a shift over midnight, whether it ends before 05:00 or after
        (["02 19:00 in", "03 04:00 out"], [("02", 2, 9)]),
        (["02 22:00 in", "03 06:30 out"], [("02", 2, Decimal("8.5"))]),
        (["02 20:00 in", "03 08:00 out", "03 20:00 in", "04 08:00 out"],
         [("02", 2, 12), ("03", 2, 12)]),
        # pressed twice at the end
        (["02 22:00 in", "03 06:30 out", "03 06:31 out"], [("02", 3, Decimal("8.52"))]),
        # a break in the middle of the night begins a day of its own
        (["02 22:00 in", "03 06:00 out", "03 07:00 in", "03 16:00 out"],
         [("02", 2, 8), ("03", 2, 9)]),
        # the out of a day was forgotten: the next day's out is not its end
        (["02 07:00 in", "03 17:00 out"], [("02", 1, None), ("03", 1, None)]),
        (["02 07:00 in", "02 17:00 out", "03 06:00 out"], [("02", 2, 10), ("03", 1, None)]),
        # nobody knows when it began, but it was not on this day
        (["03 03:00 out"], [("02", 1, None)]),
        # an in after midnight is the day it began
        (["03 00:30 in", "03 04:30 out"], [("03", 2, 4)]),
        # out and in at the same second: in comes first
        (["03 04:00 in", "03 04:00 out"], [("03", 2, None)]),
        # over the end of the month and of February
        (["01 03:00 out"], [("28", 1, None)]),
    ],
)  # fmt: skip
def test_a_day_belongs_to_the_day_it_began(city, given, expected):
    for turn, order in enumerate((given, given[::-1])):
        AttendanceDay.objects.all().delete()
        AttendanceMonth.objects.all().delete()
        rows = [*punches(*order), punch_row(2, f"2026-03-20 07:00:0{turn}", "01")]
        feed = city(rows, RECEIVED)
        assert feed.status == "accepted", codes(feed)
        assert days() == expected


def test_the_same_punch_twice_in_a_file_counts_once(city):
    rows = punches("02 07:00 in", "02 07:00 in", "02 07:00 out", "02 17:00 out", "02 17:00 out")
    feed = city(rows, RECEIVED)
    assert (feed.accepted, days()) == (5, [("02", 3, 10)])


def test_days_come_out_alike_whatever_the_order_and_parts_of_the_files(city):
    """Every order of the same three files leaves the same days and summaries."""
    files = [
        (punches("02 07:00 in", "02 12:00 out", "03 07:00 in"), dt.date(2026, 3, 4)),
        (punches("02 13:00 in", "02 17:00 out", "03 17:00 out"), dt.date(2026, 3, 5)),
        (punches("03 19:00 out", "30 07:00 in"), dt.date(2026, 3, 31)),
    ]
    seen = []
    for turn, order in enumerate(itertools.permutations(files)):
        AttendanceDay.objects.all().delete()
        AttendanceMonth.objects.all().delete()
        for rows, day in order:
            city([*rows, punch_row(2, f"2026-03-01 07:00:{turn:02d}", "01")], day)
        kept = AttendanceDay.objects.filter(engagement__worker__id_hash=blind(1)).order_by("day")
        months = AttendanceMonth.objects.filter(engagement__worker__id_hash=blind(1))
        seen.append((
            list(kept.values_list("day", "first_in", "last_out", "hours", "known_from")),
            list(months.values_list("days", "hours", "first_day", "last_day", "known_from",
                                    "settled_on")),
        ))  # fmt: skip
    assert all(one == seen[0] for one in seen)
    assert seen[0][1] == [
        (3, 22, dt.date(2026, 3, 2), dt.date(2026, 3, 30), dt.date(2026, 3, 4),
         dt.date(2026, 3, 31))
    ]  # fmt: skip


def test_a_summary_grows_by_new_days_and_follows_merged_ones(city):
    city(punches("02 07:00 in"), dt.date(2026, 3, 3))
    assert AttendanceMonth.objects.get().hours is None
    city(punches("02 17:00 out", "03 07:00 in", "03 16:00 out"), dt.date(2026, 3, 4))
    month = AttendanceMonth.objects.get()
    assert (month.days, month.hours, month.settled_on) == (2, 19, dt.date(2026, 3, 4))


def test_one_worker_of_two_employers_and_two_projects(city):
    """Each day goes to the engagement that covers it, by whatever rank; projects stay apart."""
    city([project_row("P330902002")])
    city([
        worker_row(1, exitTime="2026-03-10"),
        worker_row(1, corp=GENERAL, entryTime="2026-03-05"),
        worker_row(1, code="P330902002", corp=GENERAL),
    ])  # fmt: skip
    rows = punches("02 07:00 in", "07 07:00 in", "12 07:00 in")
    rows.append(punch_row(1, "2026-03-02 19:00:00", "01", "P330902002"))
    assert city(rows, RECEIVED).status == "accepted"
    found = AttendanceDay.objects.order_by("engagement__project__code", "day").values_list(
        "engagement__project__code", "day", "engagement__employer__code", "engagement__entry_date"
    )
    employers = [(code, day.day, employer == GENERAL) for code, day, employer, _ in found]
    assert employers == [
        (PROJECT, 2, False), (PROJECT, 7, True), (PROJECT, 12, True), ("P330902002", 2, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-02T07:00:00+08:00", "2026-03-01T23:00:00"),
        ("2026-03-01T23:00:00Z", "2026-03-01T23:00:00"),
        ("2026-03-02 08:00:00+0900", "2026-03-01T23:00:00"),
        ("2026-03-01T18:00:00.250-05:00", "2026-03-01T23:00:00"),
        ("2026-03-02 07:00:00", "2026-03-01T23:00:00"),
        ("2026年3月2日 7:00", "2026-03-01T23:00:00"),
        ("2026/3/2 7:00", "2026-03-01T23:00:00"),
        ("２０２６-03-02 07:00:00", "2026-03-01T23:00:00"),
    ],
)
def test_an_instant_with_a_zone_is_the_same_instant(city, instant, expected):
    assert city([punch_row(1, instant, "01")], RECEIVED).status == "accepted"
    day = AttendanceDay.objects.get()
    assert (day.day, f"{day.first_in.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}") == (
        dt.date(2026, 3, 2), expected,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("instant", "error", "hint"),
    [
        ("2026-04-01 00:00:00", ["date-future"], []),
        ("2026-03-31 23:59:59", [], []),
        ("2026-03-31 23:30:00Z", ["date-future"], []),
        ("2025-10-10 00:00:00", [], []),
        ("2025-10-09 23:59:59", [], ["clock-early"]),
        ("2024-10-08 12:00:00", ["clock-wrong"], []),
        ("2000-01-01 00:00:10", ["clock-wrong"], []),
        ("1970-01-01 00:00:10", ["clock-wrong"], []),
        ("1970-01-01 00:00:00", ["clock-wrong"], []),
        ("0001-01-01 00:00:00", ["clock-wrong"], []),
        ("1900/1/1 0:00", ["clock-wrong"], []),
        ("9999-12-31 23:59:59", ["date-future"], []),
    ],
)
def test_a_clock_that_is_wrong(city, instant, error, hint):
    feed = city([punch_row(1, instant, "01")], RECEIVED)
    assert (codes(feed), codes(feed, "hint")) == (error, hint)
    assert AttendanceDay.objects.exists() == (not error)
    for issue in ingest.report(feed)["errors"]:
        assert issue["row"] == 2 and "{" not in issue["message"]


def test_without_a_start_date_only_the_century_is_judged(city):
    Project.objects.update(start_date=None)
    assert city([punch_row(1, "2019-01-01 07:00:00", "01")], RECEIVED).status == "accepted"
    assert codes(city([punch_row(1, "1999-12-31 07:00:00", "01")], RECEIVED)) == ["clock-wrong"]


def test_whoever_is_wrong_in_a_later_chunk_is_still_named(city, monkeypatch):
    """A number seen right before is not checked again; a wrong one is, in every row."""
    from payroll.feeds import csv_table

    monkeypatch.setattr(csv_table, "CHUNK_ROWS", 3)
    rows = [punch_row(1, f"2026-03-0{n} 07:00:00", "01") for n in range(1, 8)]
    bad = person(1)[:-1] + ("0" if person(1)[-1] != "0" else "1")
    rows[5]["idCardNumber"] = bad
    rows[6]["idCardNumber"] = bad
    feed = city(rows, RECEIVED)
    assert codes(feed) == ["id-checksum"] * 2
    assert [issue.row for issue in feed.issues.all()] == [7, 8]
    assert bad not in str(ingest.report(feed))
    right = rows[:5] + punches("06 07:00 in", "06 17:00 out") + punches("07 07:00 in", n=2)
    assert city(right, RECEIVED).status == "accepted"
    assert len(days()) == 6 and len(days(2)) == 1


def test_strangers_on_two_projects_are_one_worker(city):
    city([project_row("P330902002")])
    rows = [punch_row(70, "2026-03-02 07:00:00", "01", code) for code in (PROJECT, "P330902002")]
    rows[1]["idCardType"] = "01"
    rows[0]["idCardType"] = ""
    feed = city(rows, RECEIVED)
    assert codes(feed, "hint") == ["worker-unregistered"] * 2
    assert person(70) not in str(ingest.report(feed))
    assert AttendanceDay.objects.values("engagement__worker").distinct().count() == 1
    assert AttendanceDay.objects.values("engagement__project").distinct().count() == 2


def test_folding_agrees_with_doing_it_one_by_one():
    """Random punches, folded by arrays and by a plain loop over each person's punches."""
    rng = np.random.default_rng(11)
    person_ = rng.integers(0, 40, 4000)
    instants = 86_400 * 20_000 + rng.integers(0, 86_400 * 6 // 300, 4000) * 300
    is_in = rng.random(4000) < 0.5
    folded = to_days(pack(person_, instants, is_in))
    expected: dict[tuple[int, int], list[tuple[int, bool]]] = {}
    for one in range(40):
        own = sorted(
            {
                (int(s), not bool(i))
                for p, s, i in zip(person_, instants, is_in, strict=True)
                if p == one
            }
        )
        last_in, begun = None, set()
        for second, is_out in own:
            day = second // 86_400
            if not is_out:
                last_in = second
                begun.add(day)
            elif day not in begun and (
                second % 86_400 < 5 * 3600
                or (last_in is not None and last_in // 86_400 == day - 1
                    and second - last_in <= 16 * 3600)
            ):  # fmt: skip
                day -= 1
            expected.setdefault((one, day), []).append((second, is_out))
    got = dict(zip(zip(folded.person.tolist(), folded.day.tolist(), strict=True),
                   zip(folded.first_in.tolist(), folded.last_out.tolist(),
                       folded.punches.tolist(), strict=True), strict=True))  # fmt: skip
    assert got == {
        key: (
            min((s for s, is_out in found if not is_out), default=-1),
            max((s for s, is_out in found if is_out), default=-1),
            len(found),
        )
        for key, found in expected.items()
    }
