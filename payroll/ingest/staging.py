"""Columns to staging tables: COPY of CSV text on PostgreSQL, executemany on SQLite."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from django.db import connection, models

from payroll.models import StagedDay, StagedEntry, StagedWorker
from wagewatch import bulk, vault

TABLES: tuple[type[models.Model], ...] = (StagedDay, StagedEntry, StagedWorker)

MANY = 5_000  # rows from which statistics and vacuum are worth their time


def hundredths(values: pd.Series, present: pd.Series | None = None) -> pa.Array:
    """int64 hundredths as an exact decimal(18, 2) column, null where not `present`."""
    low = values.to_numpy(dtype="int64")
    wide = np.empty((len(low), 2), dtype="int64")
    wide[:, 0] = low
    wide[:, 1] = low >> 63
    array = pa.Array.from_buffers(
        pa.decimal128(18, 2), len(low), [None, pa.py_buffer(np.ascontiguousarray(wide))]
    )
    if present is None or present.all():
        return array
    return pa.compute.if_else(pa.array(present.to_numpy(dtype=bool)), array, None)


def hex_hashes(column: pd.Series) -> np.ndarray:
    """Blind indexes of a column of normalised numbers as 32 hex digits, empty where it is."""
    return vault.blind_column(column).to_numpy(dtype=object)


def or_null(texts: np.ndarray) -> pa.Array:
    """Texts, null where empty."""
    array = pa.array(texts, pa.string())
    return pa.compute.if_else(pa.compute.equal(array, ""), None, array)


def hashes(column: pd.Series) -> pa.Array:
    """Blind indexes of a column of normalised numbers, null where empty."""
    return or_null(hex_hashes(column))


def days(column: pd.Series) -> pa.Array:
    return pa.array(list(column), pa.date32())


def texts(column: pd.Series) -> pa.Array:
    return pa.array(column.astype("str"))


def masked_ids(column: pd.Series) -> pd.Series:
    """`identity.mask_id` of a whole column of sound ID numbers."""
    stars = column.str.len().clip(lower=8) - 8
    common = stars == 10
    masked = column.str.slice(0, 4) + "**********" + column.str.slice(-4)
    if not common.all():
        from wagewatch.identity import mask_id

        masked = masked.mask(~common, column[~common].map(mask_id))
    return masked


def write(model: type[models.Model], columns: Mapping[str, Any]) -> int:
    """Append columns (arrow arrays, numpy arrays or lists of equal length) to a staging table."""
    batch = pa.table({name: _array(values) for name, values in columns.items()})
    if connection.vendor == "postgresql":
        sink = io.BytesIO()
        pa.csv.write_csv(batch, sink, pa.csv.WriteOptions(include_header=False))
        bulk.copy_text(model, batch.column_names, [sink.getvalue()])
    else:
        lists = [_plain(column) for column in batch.columns]
        bulk.copy(model, batch.column_names, zip(*lists, strict=True))
    return int(batch.num_rows)


def _array(values: Any) -> pa.Array:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if isinstance(values, pd.Series):
        values = values.to_numpy()
    return pa.array(values)


def _plain(column: pa.ChunkedArray) -> list[Any]:
    """Python values as SQLite keeps them."""
    if pa.types.is_decimal(column.type) or pa.types.is_date(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_timestamp(column.type):
        column = pa.compute.strftime(column, "%Y-%m-%d %H:%M:%S")
    return column.to_pylist()  # type: ignore[no-any-return]


def clear(feed_id: int, staged: int = 0) -> None:
    """Delete what the feed has staged. After many rows the tables are vacuumed at once: their dead
    rows would slow down the next, small feed."""
    for model in TABLES:
        model._default_manager.filter(feed_id=feed_id).delete()
    if staged < MANY or connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"VACUUM {connection.ops.quote_name(model._meta.db_table)}")


def staged(model: type[models.Model], count: int) -> None:
    """Fresh statistics when there is enough to make a difference."""
    if count >= MANY:
        bulk.analyze(model)
