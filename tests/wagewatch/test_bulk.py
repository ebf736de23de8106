"""COPY and INSERT ... SELECT do the same on both databases."""

import datetime as dt
import gc

import pytest
from django.db.models import F, Value

from projects.models import Company, Engagement, Worker
from tests import factories
from wagewatch import bulk, vault
from wagewatch.models import CalendarDay

pytestmark = pytest.mark.django_db


def test_copy_appends_rows() -> None:
    bulk.copy(
        CalendarDay,
        ["date", "is_workday", "name", "source"],
        ((dt.date(2030, 1, day), True, "", "a test") for day in range(1, 32)),
    )
    assert CalendarDay.objects.count() == 31


def test_insert_from_upserts_on_the_key() -> None:
    Company.objects.create(code="A" * 18, name="old")
    Company.objects.create(code="B" * 18, name="kept")
    source = Company.objects.filter(name="old").values_list(F("code"), Value("new"), Value("here"))
    written = bulk.insert_from(
        Company, ["code", "name", "address"], source, conflict=["code"], update=["name"]
    )
    assert written == 1
    assert sorted(Company.objects.values_list("name", flat=True)) == ["kept", "new"]


def test_listed_keys_are_found_by_their_own_key_and_by_a_relation() -> None:
    site = factories.project()
    all_three = [factories.worker(site) for _ in range(3)]
    wanted = all_three[:2]
    keys = bulk.listed({one.worker_id for one in wanted})
    assert set(Worker.objects.filter(pk__in=keys)) == {one.worker for one in wanted}
    assert set(Engagement.objects.filter(worker__in=keys)) == set(wanted)
    assert not Worker.objects.filter(pk__in=bulk.listed(set())).exists()


def test_the_collector_works_again_after_a_rest_and_after_an_error() -> None:
    with pytest.raises(ValueError), bulk.uncollected(), bulk.uncollected():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()


def test_an_encrypted_field_is_plain_to_python_and_not_to_the_database() -> None:
    from django.db import connection

    worker = Worker.objects.create(
        id_number="110101199003070011", id_hash=vault.blind("110101199003070011"), name="张三"
    )
    assert Worker.objects.get(pk=worker.pk).id_number == "110101199003070011"
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM projects_worker")
        assert b"1990" not in bytes(cursor.fetchone()[0])
