"""The reference (EndToEndId) that a payment list gives each payment, and that names its claim.

`WW7M202603D260405`: engagement 7, month worked 2026-03, list made on 2026-04-05. The bank gives it
back in its statement, so that matching needs no guess; two payments of one claim on two days have
two references. No personal number is in it. At most 35 characters, as ISO 20022 allows.
"""

import datetime as dt
import re

from wagewatch.months import Month

_REFERENCE = re.compile(r"WW(\d{1,12})M(\d{4})(0[1-9]|1[0-2])D\d{6}\Z")


def reference(engagement_id: int, month: Month, on: dt.date) -> str:
    return f"WW{engagement_id}M{month.year:04d}{month.number:02d}D{on:%y%m%d}"


def claim_of(code: str) -> tuple[int, int] | None:
    """The claim (engagement, month ordinal) that a reference names; None for any other text."""
    found = _REFERENCE.match(code)
    if found is None:
        return None
    return int(found[1]), int(found[2]) * 12 + int(found[3]) - 1
