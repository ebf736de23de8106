"""Columns that name projects and companies: to primary keys, and what is unknown.

A project that does not exist and one out of the sender's reach get the same message: who may not
see a project is not told that it exists.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from payroll.checks.issues import Issues
from payroll.feeds.base import Chunk
from wagewatch import identity


def project_ids(chunk: Chunk, lookups: Any, issues: Issues) -> tuple[pd.Series, dict[str, Any]]:
    """Primary keys of a chunk's projects, 0 where unknown."""
    text = chunk.text("projectCode")
    refs = lookups.projects(text.unique())
    ids = _spread(text, lambda code: ref.pk if (ref := refs[code]) else 0, "int64")
    empty = text.eq("").astype(bool)
    issues.where(chunk, "projectCode", empty, "missing")
    issues.where(chunk, "projectCode", ~empty & (ids == 0), "project-unknown")
    return ids, refs


def company_ids(chunk: Chunk, name: str, lookups: Any, issues: Issues) -> pd.Series:
    """Primary keys of a column of credit codes; 0 where empty, malformed or unknown."""
    raw = chunk.text(name)
    numbers = {value: identity.normalise(value) for value in raw.unique()}
    codes = {value: identity.credit_code_code(number) for value, number in numbers.items()}
    wrong = _spread(raw, lambda value: codes[value].replace("corp-missing", "missing"), "str")
    issues.cells(chunk, name, wrong)
    known = lookups.companies(numbers[value] for value, code in codes.items() if not code)
    ids = _spread(raw, lambda value: known.get(numbers[value]) or 0, "int64")
    issues.where(chunk, name, (wrong == "") & (ids == 0), "corp-unknown")
    return ids


def on_project(
    chunk: Chunk, lookups: Any, issues: Issues, projects: pd.Series, employers: pd.Series
) -> None:
    """Employers must work on their project, and the sender must be able to speak for them."""
    pairs = pd.MultiIndex.from_arrays([projects, employers])
    distinct = [pair for pair in pairs.unique() if all(pair)]
    allowed = lookups.employers({project for project, _ in distinct}) if distinct else set()
    strangers = [p for p in distinct if p not in allowed or not lookups.speaks_for(*p)]
    if strangers:
        wrong = pd.Series(pairs.isin(strangers), index=chunk.frame.index)
        issues.where(chunk, "corpCode", wrong, "corp-not-on-project")


def _spread(column: pd.Series, of: Callable[[str], Any], dtype: str) -> pd.Series:
    """`of` each distinct value, spread back over the column."""
    codes, values = pd.factorize(column)
    distinct = np.array([of(value) for value in values.tolist()], dtype=object)
    return pd.Series(distinct[codes], index=column.index).astype(dtype)
