"""Many rows at once, the same call on PostgreSQL and SQLite.

`copy` streams rows into a table (COPY / executemany); `insert_from` is INSERT ... SELECT of an ORM
queryset, with an upsert on a unique key. Neither runs save() or validators: what must hold is a
constraint of the table or a check before.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connection, models
from django.db.models.expressions import RawSQL

_BATCH = 20_000


def copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows` (values in the database's own form) to the table of `model`."""
    names = ", ".join(connection.ops.quote_name(column(model, name)) for name in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream,
        ):
            for row in rows:
                stream.write_row(row)
        return
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    with connection.cursor() as cursor:
        batch: list[Sequence[Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                cursor.executemany(sql, batch)
                batch = []
        if batch:
            cursor.executemany(sql, batch)


def copy_text(model: type[models.Model], columns: Sequence[str], text: Iterable[bytes]) -> None:
    """PostgreSQL only: append CSV bytes (no header, empty = NULL) to the table of `model`."""
    names = ", ".join(connection.ops.quote_name(column(model, name)) for name in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as stream,
    ):
        for block in text:
            stream.write(block)


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Primary keys for `count` new rows, inside a transaction: what points to them may be written
    before they are."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), "
            f"coalesce((SELECT max(id) FROM {connection.ops.quote_name(table)}), 0))",
            [table],
        )
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def fetch(sql: str, parameters: Sequence[Any], types: Mapping[str, pa.DataType]) -> pa.Table:
    """The rows of a query as columns. `types` names and types the columns in order; no value may
    be NULL. On PostgreSQL the rows come as one COPY: a million take a second, not three."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            composed: str = connection.ops.compose_sql(sql, parameters)  # type: ignore[attr-defined]
            with cursor.copy(f"COPY ({composed}) TO STDOUT (FORMAT csv)") as stream:
                data = b"".join(bytes(block) for block in stream)
            if not data:
                return pa.schema(types.items()).empty_table()
            return pa.csv.read_csv(
                pa.py_buffer(data),
                pa.csv.ReadOptions(column_names=list(types)),
                pa.csv.ParseOptions(newlines_in_values=True),
                pa.csv.ConvertOptions(column_types=dict(types), strings_can_be_null=False),
            )
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in types)
    arrays = [pa.array(list(c), t) for c, t in zip(columns, types.values(), strict=True)]
    return pa.table(dict(zip(types, arrays, strict=True)))


def insert_from(
    model: type[models.Model],
    columns: Sequence[str],
    queryset: Any,
    *,
    conflict: Sequence[str] = (),
    update: Sequence[str] = (),
    where: str = "",
) -> int:
    """INSERT INTO model (columns) SELECT ...; gives the number of rows written.

    `queryset` is a `.values_list(...)` with one value for each of `columns`, in order. On a
    conflict over the unique key `conflict`, the columns `update` take the new values (nothing
    happens when there are none), only `where` the condition holds (SQL; `excluded` is the new row).
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(column(model, name)) for name in columns)
    select, parameters = queryset.query.sql_with_params()
    sql = f"INSERT INTO {table} ({names}) {select}"
    if conflict:
        if connection.vendor == "sqlite" and " WHERE " not in select:
            sql += " WHERE true"  # SQLite's grammar needs it before ON CONFLICT
        key = ", ".join(quote(column(model, name)) for name in conflict)
        sets = ", ".join(
            f"{quote(column(model, name))} = excluded.{quote(column(model, name))}"
            for name in update
        )
        action = f"UPDATE SET {sets}" if update else "NOTHING"
        sql += f" ON CONFLICT ({key}) DO {action}"
        if update and where:
            sql += f" WHERE {where}"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def update_each(objects: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write `fields` of each object by its key: one statement sent many times. Many times faster
    than `bulk_update`, whose CASE grows with the rows."""
    if not objects:
        return
    model = type(objects[0])
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote('id')} = %s"
    rows = [
        (
            *(
                column.get_db_prep_save(getattr(item, column.attname), connection)
                for column in columns
            ),
            item.pk,
        )
        for item in objects
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def listed(keys: Collection[int]) -> Any:
    """Keys to look for with `__in`, where they may be very many. PostgreSQL gets them as one value:
    to fill in a placeholder for each takes longer than to find its row."""
    if connection.vendor == "postgresql":
        joined = ",".join(map(str, keys))
        return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{joined}}}"])
    return keys


def for_analysis() -> None:
    """Inside a transaction: let PostgreSQL sort and hash in memory, not compile queries that end
    sooner than their compilation, and share more of them among processes: it takes rules to find
    many rows, which would be dear to hand on, where they find a few. Nothing on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL jit = off; SET LOCAL work_mem = '64MB';"
                " SET LOCAL parallel_tuple_cost = 0.01"
            )


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for garbage that refers to itself: it looks at every living object again
    and again, and a city's findings are millions that do not. All else is freed as ever."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def grouping_by_sort() -> Iterator[None]:
    """Inside a transaction: let PostgreSQL group by sorting. Hashed, a sum of decimals takes half a
    kilobyte a group: a million groups are far more than it may hold in memory. Where an index has
    the groups in order, nothing is sorted either. Nothing on SQLite, which always sorts."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashagg = off")
        yield
        cursor.execute("SET LOCAL enable_hashagg = on")


def analyze(*tables: type[models.Model]) -> None:
    """Fresh statistics after a bulk load, so that the next plan is a good one."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def analyze_all() -> None:
    """Fresh statistics of every table on SQLite, which takes samples of them within milliseconds
    and never does it by itself; PostgreSQL does."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def column(model: type[models.Model], name: str) -> str:
    """The column of a field, as the database names it."""
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]
