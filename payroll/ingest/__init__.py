"""The way in: receive -> read -> check -> stage -> commit. Nothing else writes these tables."""

from payroll.ingest.pipeline import after_feed, open_bytes, process, receive, report

__all__ = ["after_feed", "open_bytes", "process", "receive", "report"]
