"""A real worker process is killed in the middle of a task: the task is done all the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from wagewatch import work
from wagewatch.models import Work

ROOT = Path(__file__).resolve().parents[2]
QUEUES = ["orm"] + (["redis"] if os.environ.get("WAGEWATCH_BROKER_URL") else [])


def database_url() -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    s = connection.settings_dict
    return f"postgres://{s['USER']}:{s['PASSWORD']}@{s['HOST']}:{s['PORT'] or 5432}/{s['NAME']}"


@contextmanager
def worker(queue: str) -> Iterator[subprocess.Popen]:
    environment = {
        **os.environ,
        "WAGEWATCH_DATA": str(settings.DATA_DIR),
        "WAGEWATCH_DATABASE_URL": database_url(),
        "WAGEWATCH_WORKERS": "1",
        "WAGEWATCH_WORK_LEASE": "2",
        "WAGEWATCH_QUEUE": queue,
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queue", QUEUES)
def test_work_survives_its_worker(
    queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "async_task", queueing(queue))
    item = work.submit("tests.faults.jobs.slow", directory=str(tmp_path))
    with worker(queue):
        until(lambda: (tmp_path / "started-0").exists())
    assert not (tmp_path / "ended").exists()
    with worker(queue):
        until(lambda: bool(work.sweep()) or (tmp_path / "ended").exists())
        until(lambda: Work.objects.get(pk=item.pk).status == Work.Status.DONE)
    assert (tmp_path / "ended").exists()
    assert len(list(tmp_path.glob("started-*"))) == 2


def queueing(queue: str) -> Callable[..., str]:
    """async_task on the broker that the worker process listens to."""
    from django_q.brokers.orm import ORM
    from django_q.brokers.redis_broker import Redis
    from django_q.conf import Conf
    from django_q.tasks import async_task

    if queue == "orm":
        return lambda *arguments: async_task(*arguments, broker=ORM(Conf.PREFIX))
    Conf.REDIS = settings.BROKER_URL
    broker = Redis(Conf.PREFIX)
    broker.delete_queue()
    return lambda *arguments: async_task(*arguments, broker=broker)
