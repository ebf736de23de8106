"""The way in: receive -> read -> check -> stage -> commit. Nothing else writes these tables."""

from payroll.ingest.pipeline import (
    after_feed,
    open_bytes,
    process,
    read_log_again,
    receive,
    report,
    tell_followers,
)
from payroll.ingest.together import process_together

__all__ = [
    "after_feed",
    "open_bytes",
    "process",
    "process_together",
    "read_log_again",
    "receive",
    "report",
    "tell_followers",
]
