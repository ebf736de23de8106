"""Past days beside the live tables: seen by one session, gone afterwards, in nobody's way."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction

from alerts import engine
from alerts.models import Warning
from payroll import cycles, past, paydays
from payroll.models import Cycle
from tests import factories as city

DAY = dt.date(2026, 4, 20)


def unpaid() -> None:
    project = city.project()
    person = city.worker(project)
    for month in ("2026-02", "2026-03"):
        city.attend(person, month)
        city.sheet(project, month, {person: "5000"})
    city.pay(person, "2026-02", "5000", dt.date(2026, 3, 13))
    city.statement(project, dt.date(2026, 4, 19), closing="0")


def rows() -> list[tuple[Any, ...]]:
    return list(Cycle.objects.order_by("pk").values_list())


@pytest.mark.django_db
def test_a_past_day_is_seen_inside_and_the_live_rows_stay() -> None:
    unpaid()
    engine.evaluate(DAY)
    before = rows(), list(Warning.objects.order_by("pk").values_list())
    assert len(before[0]) == 2 and {row[4] for row in before[0]} == {DAY}
    with past.known_on(dt.date(2026, 3, 10)):
        [february] = Cycle.objects.filter(sheet__isnull=False)
        assert (str(february.month), february.unpaid) == ("2026-02", 5000)
        assert february.pk and february.project.code and february.sheet.people == 1
        Cycle.objects.all().delete()  # of the block's own table
    assert (rows(), list(Warning.objects.order_by("pk").values_list())) == before


@pytest.mark.django_db
def test_the_facts_are_those_of_the_live_computation() -> None:
    unpaid()
    paydays.fill(None)
    fields = [f.attname for f in Cycle._meta.concrete_fields if f.attname != "id"]
    with past.known_on(DAY):
        beside = list(Cycle.objects.order_by("month").values_list(*fields))
    cycles.compute(DAY)
    assert beside == list(Cycle.objects.order_by("month").values_list(*fields)) and beside


@pytest.mark.django_db
def test_nothing_stays_of_a_block_that_fails() -> None:
    unpaid()
    engine.evaluate(DAY)
    before = rows()
    with pytest.raises(RuntimeError), past.known_on(dt.date(2026, 3, 10)):
        raise RuntimeError
    assert rows() == before
    with past.known_on(DAY, frozenset()):
        assert not Cycle.objects.exists()
    assert rows() == before


@pytest.mark.django_db
def test_on_postgresql_no_live_table_can_be_written() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite rolls back what was written; PostgreSQL refuses it as well")
    unpaid()
    paydays.fill(None)
    from django.db.utils import InternalError

    with pytest.raises(InternalError, match="read-only"), past.known_on(DAY):
        Warning.objects.all().delete()
        Warning.objects.update(level=4)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_product_goes_on_during_a_replay() -> None:
    """On PostgreSQL an evaluation of the whole city runs to its end while a past day is open."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: others wait for the end of the day replayed")
    unpaid()
    engine.evaluate(dt.date(2026, 4, 16))
    failed: list[BaseException] = []

    def judge() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                engine.evaluate(DAY)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    with past.known_on(dt.date(2026, 3, 10)):
        seen = Cycle.objects.count()
        other = threading.Thread(target=judge)
        other.start()
        other.join(20)
        assert not other.is_alive() and not failed
        assert Cycle.objects.count() == seen
        assert {cycle.as_of for cycle in Cycle.objects.all()} == {dt.date(2026, 3, 10)}
    assert {cycle.as_of for cycle in Cycle.objects.all()} == {DAY}
    assert Warning.objects.get(rule="E1").opened_on <= DAY
