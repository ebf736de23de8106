"""Checks of bank entries over whole columns."""

from typing import Any

import pandas as pd

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.feeds.base import Chunk
from wagewatch import identity

DIRECTIONS = {
    "c": True, "crdt": True, "贷": True, "收入": True, "收": True, "入账": True, "转入": True,
    "d": False, "dbit": False, "借": False, "支出": False, "付": False, "出账": False,
    "转出": False,
}  # fmt: skip
RETURNED = {
    "": False, "booked": False, "成功": False, "已记账": False, "正常": False, "已入账": False,
    "returned": True, "退汇": True, "已退汇": True, "退回": True, "已退回": True,
}  # fmt: skip
SILENT = {"none", "无", "无交易", "无发生额", "无流水"}
MAX_AMOUNT = 10_000_000_000


def check(chunk: Chunk, issues: Issues, lookups: Any, feed: Any) -> dict[str, pd.Series]:
    """Typed columns of a chunk; what is wrong goes to `issues`."""
    accounts, projects = _accounts(chunk, issues, lookups)
    amount, _ = columns.hundredths(
        chunk, "amount", issues, required=True, maximum=MAX_AMOUNT, negative=False
    )
    reference = columns.short(chunk, "reference", issues, 80)
    columns.missing(chunk, "reference", issues, reference)
    number = columns.cards(chunk, "counterpartyAccount", issues, check=False)
    return {
        "account_id": accounts,
        "project_id": projects,
        "reference": reference,
        "end_to_end": columns.short(chunk, "endToEnd", issues, 80),
        "batch": columns.short(chunk, "batch", issues, 80),
        "booked_on": columns.dates(
            chunk, "bookedAt", issues, required=True, latest=feed.received_on
        ),
        "amount": amount,
        "is_credit": columns.choices(chunk, "direction", issues, DIRECTIONS).astype(bool),
        "is_return": columns.choices(chunk, "status", issues, RETURNED, default=False).astype(bool),
        "name": chunk.text("counterpartyName").map(columns.clean_name).astype("str").str[:200],
        "number": number,
        "masked": pd.Series(
            columns._distinct(number, lambda text: identity.mask_card(text) if text else ""),
            index=number.index,
            dtype="str",
        ),
        "purpose": chunk.text("purpose").str[:300],
        "reason": chunk.text("returnReason").str[:200],
    }


def silent(chunk: Chunk) -> pd.Series:
    """Which rows say that the account did not move up to that day: status `none`."""
    return chunk.text("status").str.normalize("NFKC").str.lower().isin(SILENT)


def check_silent(chunk: Chunk, issues: Issues, lookups: Any, feed: Any) -> dict[str, pd.Series]:
    """The account and the day of such rows; they move nothing."""
    accounts, projects = _accounts(chunk, issues, lookups)
    amount = chunk.text("amount").str.strip("0.,").ne("")
    issues.where(chunk, "amount", amount, "silent-amount")
    days = columns.dates(chunk, "bookedAt", issues, required=True, latest=feed.received_on)
    return {"account_id": accounts, "project_id": projects, "booked_on": days}


def _accounts(chunk: Chunk, issues: Issues, lookups: Any) -> tuple[pd.Series, pd.Series]:
    text = identity.normalise_column(chunk.text("accountNo"))
    columns.missing(chunk, "accountNo", issues, text)
    known = lookups.accounts(text.unique())
    accounts = text.map({n: (known[n] or (0, 0))[0] for n in text.unique()}).astype("int64")
    projects = text.map({n: (known[n] or (0, 0))[1] for n in text.unique()}).astype("int64")
    unknown = text.ne("").astype(bool) & (accounts == 0)
    issues.where(chunk, "accountNo", unknown, "account-unknown")
    return accounts, projects
