"""Batches: what one file shows in details and another in one sum is not booked twice.

A salary batch is one booking of the bank. A camt.054 shows its payments, a camt.053 may bring the
sum alone, in either order, and another file may name the payments otherwise. The details known
first stay; a sum never stands beside its details. Where both differ the file is sent back.
"""

from typing import TYPE_CHECKING, Any

from payroll.checks.issues import STORED
from payroll.models import BankEntry, PaymentMatch, StagedEntry
from payroll.sql import rows, run, table

if TYPE_CHECKING:
    from payroll.ingest.bank import BankLoader

_STAGED = table(StagedEntry)
_ENTRY = table(BankEntry)
_MATCH = table(PaymentMatch)
_SIGNED = "SUM(CASE WHEN is_credit THEN amount ELSE -amount END)"

# What stands for a booking: the details of a batch together, or an entry by itself.
_NEW = f"""
    SELECT account_id, COALESCE(NULLIF(batch, ''), reference) AS booking, batch <> '' AS parts,
           {_SIGNED} AS total, MIN(number) AS number
    FROM {_STAGED} WHERE feed_id = %s AND NOT implied
    GROUP BY account_id, COALESCE(NULLIF(batch, ''), reference), batch <> ''"""


def _concerned(loader: "BankLoader") -> bool:
    """Whether this file or what is known of its accounts has a batch: most have none."""
    known = BankEntry.objects.filter(account__in=list(loader.periods)).exclude(batch="")
    return loader.batched or known.exists()


def check(loader: "BankLoader") -> None:
    """The sum of a batch is what its details known before add up to, and the other way round."""
    if not _concerned(loader):
        return
    feed = loader.feed.pk
    found = rows(
        f"""
        SELECT s.sheet, s."row", n.booking, o.total, n.total
        FROM ({_NEW}) n
        JOIN (SELECT account_id, batch, {_SIGNED} AS total FROM {_ENTRY}
              WHERE batch <> '' AND account_id IN (
                  SELECT account_id FROM {_STAGED} WHERE feed_id = %s)
              GROUP BY account_id, batch) o
          ON o.account_id = n.account_id AND o.batch = n.booking
        JOIN {_STAGED} s ON s.feed_id = %s AND s.number = n.number
        WHERE o.total <> n.total ORDER BY s.number LIMIT %s""",
        [feed, feed, feed, STORED],
    )
    found += rows(
        f"""
        SELECT s.sheet, s."row", n.booking, CASE WHEN o.is_credit THEN o.amount ELSE -o.amount END,
               n.total
        FROM ({_NEW}) n
        JOIN {_ENTRY} o ON o.account_id = n.account_id AND o.reference = n.booking
             AND o.batch = '' AND NOT o.is_return
        JOIN {_STAGED} s ON s.feed_id = %s AND s.number = n.number
        WHERE n.parts AND n.total <> CASE WHEN o.is_credit THEN o.amount ELSE -o.amount END
        ORDER BY s.number LIMIT %s""",
        [feed, feed, STORED],
    )
    said: list[tuple[Any, ...]] = [
        (sheet, row, reference, {"known": f"{known:.2f}", "total": f"{total:.2f}"})
        for sheet, row, reference, known, total in found
    ]
    loader.report(said, "batch-differs", loader.column, "error")


def settle(loader: "BankLoader") -> None:
    """Before the commit: what the tables know of a batch already is not taken again, and details
    take the place of their sum."""
    if not _concerned(loader):
        return
    feed, day = loader.feed.pk, loader.feed.received_on
    # Loaded out of order: what an earlier file showed was known from that day on.
    run(
        f"""
        UPDATE {_ENTRY} SET known_from = %s WHERE known_from > %s AND batch <> '' AND EXISTS (
            SELECT 1 FROM {_STAGED} s WHERE s.feed_id = %s AND s.account_id = {_ENTRY}.account_id
            AND s.batch = {_ENTRY}.batch)""",
        [day, day, feed],
    )
    run(
        f"""
        DELETE FROM {_STAGED} WHERE feed_id = %s AND EXISTS (
            SELECT 1 FROM {_ENTRY} e WHERE e.account_id = {_STAGED}.account_id AND e.batch <> ''
            AND e.batch = COALESCE(NULLIF({_STAGED}.batch, ''), {_STAGED}.reference))""",
        [feed],
    )
    # The details come; their sum, of an earlier file or of this one, goes.
    detailed = f"""EXISTS (
        SELECT 1 FROM {_STAGED} s WHERE s.feed_id = %s AND s.batch <> ''
        AND s.account_id = e.account_id AND s.batch = e.reference)"""
    sums = f"SELECT e.id FROM {_ENTRY} e WHERE e.batch = '' AND {detailed}"
    run(f"DELETE FROM {_MATCH} WHERE entry_id IN ({sums})", [feed])
    run(f"DELETE FROM {_ENTRY} WHERE id IN ({sums})", [feed])
    own = f"SELECT e.number FROM {_STAGED} e WHERE e.feed_id = %s AND e.batch = '' AND {detailed}"
    run(f"DELETE FROM {_STAGED} WHERE feed_id = %s AND number IN ({own})", [feed, feed, feed])
