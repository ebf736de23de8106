"""Any bytes and any cells, to every reader: a report or an acceptance, never an exception, and no
whole number of a person in what is said.

    FUZZ_EXAMPLES=10000 .venv/bin/python -m pytest tests/fuzz

sends that many damaged files to each reader, a hundred of them through the
whole pipeline, and as many rows of odd cells through it, in files of fifty. Without it a few
examples each, all through the pipeline, the same every time.
"""

import datetime as dt
import io
import logging
import os
import random
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from payroll import feeds, ingest
from payroll.checks.issues import Issues, Unreadable
from payroll.models import ColumnMap, FeedIssue
from tests.fuzz import samples
from tests.payroll.files import csv_bytes, person

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
WHOLE = max(1, EXAMPLES // 100)  # one in so many goes through the whole pipeline
DENSE = 50  # rows of a file of odd cells


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a failing example is short enough as it is
    )


DAY = dt.date(2026, 4, 20)
PEOPLE = [person(n) for n in range(40)]

# What people and their programs write into cells, and what nobody would.
ODD = st.sampled_from(
    ["", " ", "0", "-1", "1.23E+17", "1e999", "NaN", "inf", "-0.00", "99999999999999999999",
     "２０２６－０３", "2026年3月5日", "2026-02-30", "2026-13", "0001-01-01", "9999-12-31", "46000",
     "3309021960060100", "33090219600601001x", "=1+1", "合计", "是", "\x00", "a\nb", '"', "𠮷野家",
     "null", "[]", "{}", "2026-03-05T07:00:00+08:00", "24:00", "%s", "--", "１２．５", "1,2,3", "⁵"]
)  # fmt: skip
CELL = st.one_of(
    ODD, st.text(max_size=30), st.decimals(allow_nan=True).map(str), st.dates().map(str)
)


class Undone(Exception):
    """Takes an example back."""


def judged(data: bytes, name: str, caplog: Any) -> None:
    """Send the bytes through the pipeline, look at what is said, and take it all back."""
    caplog.clear()
    try:
        with transaction.atomic():
            feed = ingest.receive(
                io.BytesIO(data), name, received_on=DAY, received_at=timezone.now()
            )
            feed = ingest.process(feed, evaluate=False)
            said = [
                f"{i.code} {i.value} {i.values} {i.column} {i.sheet}"
                for i in FeedIssue.objects.filter(feed=feed)
            ]
            report = str(ingest.report(feed))
            raise Undone
    except Undone:
        pass
    assert feed.status in ("accepted", "rejected", "duplicate"), said
    assert "internal" not in {text.split()[0] for text in said}, caplog.text
    assert feed.status != "rejected" or said
    everything = " ".join(said) + report + caplog.text
    assert not [number for number in PEOPLE if number in everything], said


def read(data: bytes, name: str, maps: list[ColumnMap], wanted: str) -> None:
    """The reader alone, to the last row: it may refuse, and do nothing else."""
    reader = next(r for r in feeds.readers() if f"{type(r).__name__} {r.kind}" == wanted)
    source = feeds.Source(io.BytesIO(data), name)
    source.maps = maps
    issues = Issues()
    try:
        if reader.detect(source):
            for chunk in reader.read(source, issues):
                assert len(chunk.frame) >= 0
    except Unreadable as refused:
        issues.add(refused.issue)
    said = " ".join(f"{i.value} {i.values} {i.column}" for i in issues.items)
    assert not [number for number in PEOPLE if number in said], said


@pytest.fixture
def ready(city: Any, caplog: Any) -> Any:
    samples.prepare()
    caplog.set_level(logging.DEBUG)
    return caplog


def test_every_reader_has_a_sample(city: Any) -> None:
    samples.prepare()
    found = {}
    for wanted, (name, data) in samples.whole().items():
        source = feeds.Source(io.BytesIO(data), name)
        source.maps = list(ColumnMap.objects.active())
        reader = feeds.detect(source)
        found[wanted] = f"{type(reader).__name__} {reader.kind}"
    assert found == {wanted: wanted for wanted in found}
    assert set(found) == samples.readers()


@pytest.mark.parametrize("reader", sorted(samples.whole()))
def test_damaged_files(reader: str, ready: Any) -> None:
    name, sound = samples.whole()[reader]
    maps = list(ColumnMap.objects.active())

    @fuzz(EXAMPLES)
    @given(st.integers(0, 2**32), st.integers(1, 5))
    def damaged(seed: int, times: int) -> None:
        made = damage(sound, random.Random(seed), times)
        if seed % WHOLE:
            read(made, name, maps, reader)
        else:
            judged(made, name, ready)

    damaged()


def damage(data: bytes, dice: random.Random, times: int) -> bytes:
    """Cut, flipped, doubled, swapped or filled with what does not belong."""
    for _ in range(times):
        at, to = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        data = dice.choice(
            [
                data[:at],
                data[:at] + data[to:],
                data[:at] + dice.randbytes(dice.randrange(1, 9)) + data[at:],
                data[:to] + data[at:to] + data[to:],
                data[:at] + bytes(b ^ (1 << dice.randrange(8)) for b in data[at : at + 3])
                + data[at + 3 :],
                data[to:] + data[:to],
            ]
        )  # fmt: skip
    return data


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("reader", sorted(samples.rows()))
def test_any_cells(reader: str, form: str, ready: Any) -> None:
    sound = samples.rows()[reader]

    names = sorted(sound[0])

    @fuzz(max(EXAMPLES // DENSE, 15))
    @given(st.data())
    def cells(data: Any) -> None:
        rows = [dict(row) for row in sound]
        odd = data.draw(st.lists(st.tuples(st.sampled_from(names), CELL), min_size=1, max_size=60))
        if len(odd) > 4:  # many rows, each with something odd; else sound rows but for a few cells
            rows = [dict(sound[n % len(sound)]) for n in range(DENSE)]
        for n, (column, cell) in enumerate(odd):
            rows[n % len(rows)][column] = cell
        made = csv_bytes(rows, "utf-8") if form == "csv" else book(rows)
        judged(made, f"file.{form}", ready)

    cells()


def book(rows: list[dict[str, str]]) -> bytes:
    made = Workbook()
    sheet: Any = made.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(["".join(c for c in cell if c >= " " or c in "\t\n") for cell in row.values()])
    output = io.BytesIO()
    made.save(output)
    return output.getvalue()


def test_any_bytes(ready: Any) -> None:
    maps = list(ColumnMap.objects.active())

    @fuzz(EXAMPLES)
    @given(
        st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml", b"{",
                         b":20:", b"\xff\xfe", b"\xef\xbb\xbf", b"%PDF"]),
        st.binary(max_size=400),
    )  # fmt: skip
    def anything(head: bytes, rest: bytes) -> None:
        if sum(rest[:2]) % WHOLE:
            for reader in sorted(samples.readers()):
                read(head + rest, "file.bin", maps, reader)
        else:
            judged(head + rest, "file.bin", ready)

    anything()
