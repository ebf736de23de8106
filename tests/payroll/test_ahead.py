"""Files longer than one chunk: written ahead on PostgreSQL, all or nothing on either database."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from payroll.feeds import csv_table
from payroll.ingest import pipeline
from payroll.ingest.ahead import Writer
from payroll.models import Feed, Sheet, SheetLine
from projects.models import WorkerCard
from tests.payroll.conftest import codes
from tests.payroll.files import card, csv_bytes, person, sheet_row

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
APRIL = dt.date(2026, 4, 9)


@pytest.fixture
def short_chunks(monkeypatch):
    monkeypatch.setattr(csv_table, "CHUNK_ROWS", 3)


@pytest.fixture
def written(monkeypatch):
    """The threads in which lines were written."""
    seen = []
    write = pipeline.staging.write

    def noted(model, columns):
        if model is SheetLine:
            seen.append(threading.current_thread().name)
        return write(model, columns)

    monkeypatch.setattr(pipeline.staging, "write", noted)
    return seen


def test_a_long_file_is_written_while_it_is_read(city, short_chunks, written):
    feed = city([sheet_row(n) for n in range(10)], APRIL)
    assert (feed.status, feed.accepted) == ("accepted", 10), codes(feed)
    sheet = Sheet.objects.get()
    assert (sheet.people, sheet.net, sheet.lines.count()) == (10, 60000, 10)
    assert len(written) == 4
    ahead = connection.vendor == "postgresql"
    assert all(name.startswith("writer") == ahead for name in written)


def test_a_short_file_is_not(city, written):
    assert city([sheet_row(n) for n in range(3)], APRIL).status == "accepted"
    assert written == [threading.current_thread().name]


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (sheet_row(30), "worker-unknown"),
        (sheet_row(9, actualAmount="1"), "net-mismatch"),
        (sheet_row(0), "worker-twice"),
    ],
)
def test_a_mistake_in_the_last_chunk_leaves_nothing(city, short_chunks, last, code):
    good = [sheet_row(n) for n in range(9)]
    feed = city([*good, last], APRIL)
    assert (feed.status, codes(feed)) == ("rejected", [code])
    assert not Sheet.objects.exists() and not SheetLine.objects.exists()
    assert city(good, APRIL).status == "accepted"


def test_a_failure_at_the_end_leaves_nothing(city, short_chunks, monkeypatch):
    def fail(self):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("payroll.ingest.payroll.PayrollLoader._write_cards", fail)
    feed = city([sheet_row(n) for n in range(9)], APRIL)
    assert codes(feed) == ["internal"]
    assert not Sheet.objects.exists() and not SheetLine.objects.exists()


def test_the_same_file_twice_at_once_is_taken_once(city, short_chunks, monkeypatch):
    """The other copy is accepted while this one is being written: this one is the duplicate."""
    data = csv_bytes([sheet_row(n) for n in range(9)])
    finish = pipeline.loader_for("payroll").finish

    def meanwhile(self):
        monkeypatch.setattr(type(self), "finish", finish)
        assert city(data, APRIL).status == "accepted"
        finish(self)

    monkeypatch.setattr(pipeline.loader_for("payroll"), "finish", meanwhile)
    assert city(data, APRIL).status == "duplicate"
    assert SheetLine.objects.count() == 9
    assert Feed.objects.accepted().filter(kind="payroll").count() == 1


@pytest.mark.parametrize("rows", [2, 9])
def test_a_second_try_writes_everything_again(city, short_chunks, monkeypatch, rows):
    loader = pipeline.loader_for("payroll")
    write = loader._write_cards

    def once(self):
        monkeypatch.setattr(loader, "_write_cards", write)
        raise IntegrityError("somebody else was faster")

    monkeypatch.setattr(loader, "_write_cards", once)
    feed = city([sheet_row(n) for n in range(rows)], APRIL)
    assert feed.status == "accepted", codes(feed)
    sheet = Sheet.objects.get()
    assert (sheet.people, sheet.lines.count()) == (rows, rows)


def test_cards_that_only_the_sheet_shows_are_kept_once(city, short_chunks):
    rows = [sheet_row(n, payRollBankCardNumber=card(500 + n)) for n in range(5)]
    city(rows, APRIL)
    city([sheet_row(n, payRollBankCardNumber=card(500 + n), amount=1) for n in range(5)], APRIL)
    shown = WorkerCard.objects.filter(registered=False)
    assert {c.number for c in shown} == {card(500 + n) for n in range(5)}
    assert shown.get(worker__name__isnull=False, pk=shown[0].pk).known_from == APRIL
    early = dt.date(2026, 4, 2)
    city([sheet_row(1, payRollBankCardNumber=card(501), payMonth="2026-02")], early)
    assert shown.get(known_from=early).worker.id_number == person(1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time")
def test_a_writer_that_failed_keeps_nobody_waiting_and_says_why():
    def fail():
        raise ZeroDivisionError

    writer = Writer()
    for _ in range(10):
        writer.submit(fail)
    with pytest.raises(ZeroDivisionError):
        writer.commit(lambda: None)
    assert not writer.started


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time")
def test_inside_a_transaction_nothing_is_written_elsewhere():
    assert Writer.possible()
    with transaction.atomic():
        assert not Writer.possible()
