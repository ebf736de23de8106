"""Background work: the row is the truth, whatever becomes of the worker."""

import datetime as dt

import pytest
from django.utils import timezone

from wagewatch import work
from wagewatch.models import Work

DONE: list[str] = []


def note(word: str) -> None:
    DONE.append(word)


def fail() -> None:
    raise ValueError("no such thing")


@pytest.fixture(autouse=True)
def queue(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stands for the broker: what was queued, in order."""
    DONE.clear()
    queued: list[int] = []
    monkeypatch.setattr(work, "async_task", lambda _path, pk: queued.append(pk))
    return queued


@pytest.mark.django_db(transaction=True)
def test_work_runs_once_even_when_delivered_twice(queue: list[int]) -> None:
    item = work.submit("tests.wagewatch.test_work.note", word="a")
    assert queue == [item.pk]
    assert work.run(item.pk) == "done"
    assert work.run(item.pk) == "not free"
    assert DONE == ["a"]


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_kept_with_its_reason() -> None:
    item = work.submit("tests.wagewatch.test_work.fail")
    with pytest.raises(ValueError, match="no such thing"):
        work.run(item.pk)
    item.refresh_from_db()
    assert item.status == Work.Status.FAILED
    assert "no such thing" in item.error


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_takes_up_what_a_dead_worker_left(queue: list[int]) -> None:
    item = work.submit("tests.wagewatch.test_work.note", word="b")
    Work.objects.filter(pk=item.pk).update(
        status=Work.Status.RUNNING,
        owner="dead",
        attempts=1,
        lease_until=timezone.now() - dt.timedelta(seconds=1),
    )
    queue.clear()
    assert work.sweep() == 1 and queue == [item.pk]
    assert work.run(item.pk) == "done"
    assert DONE == ["b"]


@pytest.mark.django_db(transaction=True)
def test_a_lost_delivery_is_queued_again_and_three_deaths_give_up(queue: list[int]) -> None:
    item = work.submit("tests.wagewatch.test_work.note", word="c")
    old = timezone.now() - dt.timedelta(minutes=5)
    Work.objects.filter(pk=item.pk).update(created_at=old)
    queue.clear()
    assert work.sweep() == 1 and queue == [item.pk]
    Work.objects.filter(pk=item.pk).update(
        status=Work.Status.RUNNING, attempts=work.ATTEMPTS, lease_until=old
    )
    assert work.sweep() == 0
    item.refresh_from_db()
    assert item.status == Work.Status.FAILED
