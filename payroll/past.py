"""The facts of a past day beside the live ones, for replays while the product is in use.

Cycle is a table of one day. A replay computes other days into a table of the same name that only
its own session sees: a temporary table comes before the real one when a name is looked up, on
PostgreSQL and on SQLite. Everything in the block is rolled back at its end, so that nothing of it
can stay; PostgreSQL is moreover told to write to no table that others see.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from payroll import cycles
from payroll.models import Cycle
from wagewatch import bulk


@contextmanager
def beside() -> Iterator[bool]:
    """Inside the block Cycle is a table of this session alone, empty at first, to be filled with
    what was known on past days (cycles.fill). Nothing written in the block stays. Gives whether
    the facts stand still in it, whoever writes them: not inside another transaction on PostgreSQL.

    Paydays must be there (paydays.fill). On PostgreSQL no row that others use is locked; on SQLite,
    which has one writer, others wait for the end of the block.
    """
    postgres = connection.vendor == "postgresql"
    still = not (postgres and connection.in_atomic_block)
    with transaction.atomic():
        with connection.cursor() as cursor:
            if postgres and still:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            bulk.for_analysis()
            for statement in _beside():
                cursor.execute(statement)
        yield still
        transaction.set_rollback(True)


@contextmanager
def known_on(as_of: dt.date, project_ids: Collection[int] | None = None) -> Iterator[None]:
    """Inside the block Cycle holds what was known on `as_of` of these projects (all when None),
    for this session alone (see `beside`)."""
    with beside():
        cycles.fill(as_of, project_ids)
        yield


def _beside() -> list[str]:
    """The statements that put an empty table over Cycle's for this session."""
    quote = connection.ops.quote_name
    table = quote(Cycle._meta.db_table)
    if connection.vendor == "postgresql":
        return [
            f"CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL) ON COMMIT DROP",
            "SET LOCAL transaction_read_only = on",
        ]
    columns = ", ".join(
        f"{quote(str(one.column))} {one.db_type(connection)}{' PRIMARY KEY' * one.primary_key}"
        for one in Cycle._meta.concrete_fields
    )
    indexed = ", ".join(quote(name) for name in ("project_id", "employer_id", "month"))
    return [
        f"CREATE TEMPORARY TABLE {table} ({columns})",
        f"CREATE UNIQUE INDEX temp.cycle_beside ON {table} ({indexed})",
    ]
