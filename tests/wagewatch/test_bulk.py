"""COPY and INSERT ... SELECT do the same on both databases."""

import datetime as dt

import pytest
from django.db.models import F, Value

from projects.models import Company, Worker
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


def test_an_encrypted_field_is_plain_to_python_and_not_to_the_database() -> None:
    from django.db import connection

    worker = Worker.objects.create(
        id_number="110101199003070011", id_hash=vault.blind("110101199003070011"), name="张三"
    )
    assert Worker.objects.get(pk=worker.pk).id_number == "110101199003070011"
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM projects_worker")
        assert b"1990" not in bytes(cursor.fetchone()[0])
