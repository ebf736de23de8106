"""Writing while reading: a long file's rows go into their table while the rest is still checked.

All of it happens in one transaction, on a connection and in a thread of its own, that ends with the
commit of the feed or is rolled back: nobody sees a row before. PostgreSQL only: SQLite has one
writer at a time, and progress must be written meanwhile.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from django.db import connection, transaction

Job = Callable[[], object]


class _Abandoned(Exception):
    """Rolls the transaction back."""


class Writer:
    """Runs jobs in order in one transaction: `submit` any number, then `commit` or `abandon`."""

    def __init__(self) -> None:
        self._jobs: queue.Queue[Job | None] = queue.Queue(maxsize=2)
        self._pool: ThreadPoolExecutor | None = None
        self._done: Future[None] | None = None

    @staticmethod
    def possible() -> bool:
        return connection.vendor == "postgresql" and not connection.in_atomic_block

    @property
    def started(self) -> bool:
        return self._pool is not None

    def submit(self, job: Job) -> None:
        """Waits while two jobs are waiting; what goes wrong in a job is raised by `commit`."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
            self._done = self._pool.submit(self._run)
        self._jobs.put(job)

    def commit(self, last: Callable[[], bool]) -> None:
        """Run the last job and commit, or roll back when it says no. Raises what any job raised;
        then nothing was written."""

        def decide() -> None:
            if not last():
                raise _Abandoned

        self.submit(decide)
        with suppress(_Abandoned):
            self._end()

    def abandon(self) -> None:
        """Roll back. What a job raised does not matter any more."""
        if self._pool is not None:
            self.submit(_abandon)
            with suppress(Exception):
                self._end()

    def _end(self) -> None:
        assert self._pool and self._done
        self._jobs.put(None)
        try:
            self._done.result()
        finally:
            self._pool.shutdown()
            self._pool = None

    def _run(self) -> None:
        job = None
        try:
            with transaction.atomic():
                while (job := self._jobs.get()) is not None:
                    job()
        finally:
            while job is not None:  # after a failure: whoever submits must not wait for ever
                job = self._jobs.get()
            connection.close()


def _abandon() -> None:
    raise _Abandoned
