"""Columns that name projects and companies: to primary keys, and what is unknown.

A project that does not exist and one out of the sender's reach get the same message: who may not
see a project is not told that it exists.
"""

from typing import Any

import pandas as pd

from payroll.checks.issues import Issues
from payroll.feeds.base import Chunk
from wagewatch import identity


def project_ids(chunk: Chunk, lookups: Any, issues: Issues) -> tuple[pd.Series, dict[str, Any]]:
    """Primary keys of a chunk's projects, 0 where unknown."""
    text = chunk.text("projectCode")
    refs = lookups.projects(text.unique())
    ids = text.map({code: ref.pk if ref else 0 for code, ref in refs.items()}).astype("int64")
    empty = text.eq("").astype(bool)
    issues.where(chunk, "projectCode", empty, "missing")
    issues.where(chunk, "projectCode", ~empty & (ids == 0), "project-unknown")
    return ids, refs


def company_ids(chunk: Chunk, name: str, lookups: Any, issues: Issues) -> pd.Series:
    """Primary keys of a column of credit codes; 0 where empty, malformed or unknown."""
    text = identity.normalise_column(chunk.text(name))
    codes = {value: identity.credit_code_code(value) for value in text.unique()}
    wrong = text.map(codes).astype("str").replace("corp-missing", "missing")
    issues.cells(chunk, name, wrong)
    known = lookups.companies(value for value, code in codes.items() if not code)
    ids = text.map({value: known.get(value) or 0 for value in codes}).astype("int64")
    issues.where(chunk, name, (wrong == "") & (ids == 0), "corp-unknown")
    return ids
