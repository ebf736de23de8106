"""Background work that survives a killed worker, whatever the queue does.

`submit` writes a Work row and queues its number. A worker claims the row for a lease and renews it
while it runs; a row whose lease ran out belongs to nobody, and `sweep` queues it again. Functions
must therefore be safe to run twice.
"""

import datetime as dt
import logging
import os
import socket
import threading
import uuid
from typing import Any

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.tasks import async_task

from wagewatch.models import Work

LEASE = dt.timedelta(seconds=settings.WORK_LEASE_SECONDS)
ATTEMPTS = 3
log = logging.getLogger(__name__)


def submit(function: str, **arguments: Any) -> Work:
    """Queue `function` (dotted path) with JSON arguments once the transaction commits."""
    work = Work.objects.create(function=function, arguments=arguments)
    transaction.on_commit(lambda: queue(work.pk))
    return work


def queue(work_id: int) -> None:
    """Put a piece of work that has its row into the queue."""
    async_task("wagewatch.work.run", work_id)


def run(work_id: int) -> str:
    """Do one piece of work if nobody else is doing it. Called by a qcluster worker."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    now = timezone.now()
    claimed = (
        Work.objects.filter(_free(now), pk=work_id)
        .filter(attempts__lt=ATTEMPTS)
        .update(
            status=Work.Status.RUNNING,
            owner=owner,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
    )
    if not claimed:
        return "not free"
    work = Work.objects.get(pk=work_id)
    stop = threading.Event()
    renewer = threading.Thread(target=_renew, args=(work_id, owner, stop), daemon=True)
    renewer.start()
    try:
        import_string(work.function)(**work.arguments)
    except Exception as error:
        log.exception("work %s failed", work_id)
        _finish(work_id, owner, Work.Status.FAILED, f"{type(error).__name__}: {error}")
        raise
    finally:
        stop.set()
    _finish(work_id, owner, Work.Status.DONE, "")
    return "done"


def sweep() -> int:
    """Queue again what nobody owns; gives the number of rows taken up. Run every minute."""
    now = timezone.now()
    stale = Work.objects.filter(
        Q(status=Work.Status.WAITING, created_at__lt=now - LEASE)
        | Q(status=Work.Status.RUNNING, lease_until__lt=now)
    )
    stale.filter(attempts__gte=ATTEMPTS).update(
        status=Work.Status.FAILED, error="gave up: its worker died every time", finished_at=now
    )
    taken = list(stale.filter(attempts__lt=ATTEMPTS).values_list("pk", flat=True))
    for pk in taken:
        async_task("wagewatch.work.run", pk)
    return len(taken)


def _free(now: dt.datetime) -> Q:
    return Q(status=Work.Status.WAITING) | Q(status=Work.Status.RUNNING, lease_until__lt=now)


def _finish(work_id: int, owner: str, status: str, error: str) -> None:
    Work.objects.filter(pk=work_id, owner=owner).update(
        status=status, error=error, finished_at=timezone.now(), lease_until=None
    )


def _renew(work_id: int, owner: str, stop: threading.Event) -> None:
    while not stop.wait(LEASE.total_seconds() / 3):
        close_old_connections()
        try:
            Work.objects.filter(pk=work_id, owner=owner).update(lease_until=timezone.now() + LEASE)
        except Exception:
            log.exception("lease of work %s not renewed", work_id)
        finally:
            close_old_connections()
