"""Document numbers under fire: many at once, some failing. No gap, no double, no orphan file."""

import threading
from pathlib import Path

import pytest
from django.db import close_old_connections, connection
from pypdf import PdfReader

from alerts import notices
from alerts.models import Notice, NoticeSeries, Warning
from alerts.notices import issuing, numbering
from tests import notice_factories as make
from wagewatch import audit
from wagewatch.months import Month

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


class Broken(Exception):
    """What a failing notice fails with."""


@pytest.fixture
def city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.authority()


def warnings(count: int) -> list[Warning]:
    site = make.Site()
    months = [Month.parse("2025-01") + index for index in range(count)]
    made = [make.missed_cycle(1, month, site) for month in months]
    Warning.objects.update(opened_on="2026-01-01")
    return made


def at_once(city, chosen: list[Warning]) -> list[Exception]:
    """Issue a notice on each warning, all at the same moment; gives what went wrong."""
    start, errors = threading.Barrier(len(chosen)), []

    def work(warning: Warning) -> None:
        try:
            start.wait(20)
            notices.issue("rectification", [warning], user=None, authority=city, issued_on=make.DAY)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(warning,)) for warning in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    close_old_connections()
    return errors


def check_series(city, count: int, root: Path) -> None:
    """Numbers 1..count, each printed in its own file, and no file beside them."""
    rows = list(Notice.objects.order_by("number"))
    assert [row.number for row in rows] == list(range(1, count + 1))
    assert NoticeSeries.objects.get(authority=city).last == count
    for row in rows:
        import io

        title = PdfReader(io.BytesIO(notices.read(row))).metadata.title
        assert row.document_number in title
        assert row.document_number == f"舟人社监令字〔2026〕第{row.number:03d}号"
    assert {path.name for path in root.rglob("*.sealed")} == {Path(r.file).name for r in rows}


def failing(monkeypatch, doomed: set[int]) -> None:
    """Let the notices on these warnings fail at the last step, after number and file."""
    real = audit.record

    def record(user, act, thing, **detail):
        if set(detail.get("warnings", ())) & doomed:
            raise Broken
        return real(user, act, thing, **detail)

    monkeypatch.setattr(issuing.audit, "record", record)


def test_many_at_once_some_failing(city, tmp_path, monkeypatch):
    threads = 8 if connection.vendor == "postgresql" else 4
    chosen = warnings(threads)
    doomed = {warning.pk for warning in chosen[1::3]}
    failing(monkeypatch, doomed)
    errors = at_once(city, chosen)
    assert [type(error) for error in errors] == [Broken] * len(doomed)
    check_series(city, threads - len(doomed), tmp_path)


def test_two_at_once_on_a_new_series(city, tmp_path):
    """The first notice of a year makes the series' row: two at once make it once."""
    assert at_once(city, warnings(2)) == []
    check_series(city, 2, tmp_path)


def test_a_failure_gives_its_number_back(city, tmp_path, monkeypatch):
    first, second, third = warnings(3)
    failing(monkeypatch, {second.pk})
    assert at_once(city, [first]) == []
    assert [type(error) for error in at_once(city, [second])] == [Broken]
    assert at_once(city, [third]) == []
    check_series(city, 2, tmp_path)
    assert second.events.count() == second.notices.count() == 0


def test_a_number_taken_meanwhile_is_not_printed_twice(city, tmp_path, monkeypatch):
    """The number guessed before the lock was taken by another: the document is made again."""
    first, second = warnings(2)
    assert at_once(city, [first]) == []
    monkeypatch.setattr(numbering, "peek", lambda *arguments: 1)
    assert at_once(city, [second]) == []
    check_series(city, 2, tmp_path)


def test_a_warning_that_changed_meanwhile_is_not_served(city, tmp_path, monkeypatch):
    (warning,) = warnings(1)
    real = numbering.peek

    def cleared_meanwhile(*arguments):
        Warning.objects.update(status=Warning.Status.CLEARED)
        return real(*arguments)

    monkeypatch.setattr(numbering, "peek", cleared_meanwhile)
    (error,) = at_once(city, [warning])
    assert isinstance(error, notices.NoticeError) and "changed" in error.message.en
    assert Notice.objects.count() == 0 and list(tmp_path.rglob("*.sealed")) == []


def test_a_full_disk_costs_no_number(city, tmp_path, monkeypatch):
    first, second = warnings(2)
    monkeypatch.setattr("alerts.notices.store.os.fsync", _full)
    assert [type(error) for error in at_once(city, [first])] == [OSError]
    assert list(tmp_path.rglob("*.sealed")) == []
    monkeypatch.undo()
    assert at_once(city, [second]) == []
    check_series(city, 1, tmp_path)


def _full(handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_each_year_and_authority_counts_alone(city, tmp_path):
    import datetime as dt

    district = make.authority("330902", "定海局", document_mark="舟定人社监令字")
    a, b, c = warnings(3)
    numbers = []
    for warning, authority, day in (
        (a, city, make.DAY),
        (b, district, make.DAY),
        (c, city, dt.date(2027, 1, 4)),
    ):
        notice = notices.issue(
            "rectification", [warning], user=None, authority=authority, issued_on=day
        )
        numbers.append(notice.document_number)
    assert numbers == [
        "舟人社监令字〔2026〕第001号",
        "舟定人社监令字〔2026〕第001号",
        "舟人社监令字〔2027〕第001号",
    ]
