"""Short helpers for the set-based statements of the pipeline, the same on both databases."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import connection, models

from wagewatch import bulk


def table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()  # type: ignore[no-any-return]


def run(sql: str, parameters: Sequence[Any] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


@contextmanager
def _planned(settings: Mapping[str, str]) -> Iterator[None]:
    """Inside a transaction on PostgreSQL: planner settings that hold until the end of the block."""
    if connection.vendor == "postgresql":
        for name, value in settings.items():
            run(f"SET LOCAL {name} = {value}")
    yield
    if connection.vendor == "postgresql":
        for name in settings:
            run(f"SET LOCAL {name} TO DEFAULT")


def roomy() -> AbstractContextManager[None]:
    """Memory for the sorts and joins of a whole feed, and joins in the order in which they are
    written. A staging table has no statistics of the rows just written: left to itself the planner
    takes them for two and joins every engagement of the project to each row before it looks at the
    worker."""
    return _planned({"work_mem": "'192MB'", "jit": "off", "join_collapse_limit": "1"})


def by_index() -> AbstractContextManager[None]:
    """Joins by looking up each row: right where the rows wanted are few beside their tables, which
    the planner does not see when their keys come as an array."""
    names = ("enable_hashjoin", "enable_mergejoin", "jit")
    return _planned(dict.fromkeys(names, "off") | {"max_parallel_workers_per_gather": "0"})


def among(ids: Iterable[int]) -> tuple[str, Any]:
    """An `= any of these` test of any length as one parameter: (SQL, parameter)."""
    listed = list(ids)
    if connection.vendor == "postgresql":
        return "= ANY(%s)", listed
    return "IN (SELECT value FROM json_each(%s))", json.dumps(listed)


def hex_of(value: Any) -> str:
    """A blind index as the database gives it (UUID or hex), as 32 hex digits."""
    return value.hex if isinstance(value, uuid.UUID) else str(value).replace("-", "")


def insert(objects: Sequence[models.Model], *, with_keys: bool = False) -> None:
    """Insert new objects in one go, whatever their number; they get no primary keys, unless they
    bring their own (bulk.reserve)."""
    if not objects:
        return
    model = type(objects[0])
    fields = [f for f in model._meta.concrete_fields if with_keys or not f.primary_key]
    bulk.copy(
        model,
        [field.name for field in fields],
        (
            [field.get_db_prep_save(getattr(o, field.attname), connection) for field in fields]
            for o in objects
        ),
    )


def chain_known(
    model: type[models.Model], keys: Sequence[str], where: str, parameter: Any, then: str = "id"
) -> None:
    """Set known_until of each row to known_from of the next one with the same `keys`.

    Next by (known_from, `then`): whatever the order in which the feeds were loaded, the history
    comes out the same. `where` (SQL over the table) bounds the rows looked at.
    """
    name = table(model)
    columns = ", ".join(bulk.column(model, key) for key in keys)
    run(
        f"""
        UPDATE {name} SET known_until = chain.next_from
        FROM (SELECT id, LEAD(known_from) OVER (
                  PARTITION BY {columns} ORDER BY known_from, {then}) AS next_from
              FROM {name} WHERE {where}) chain
        WHERE chain.id = {name}.id
          AND (({name}.known_until IS NULL) <> (chain.next_from IS NULL)
               OR {name}.known_until <> chain.next_from)
        """,
        [parameter],
    )
