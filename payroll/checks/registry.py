"""Checks of the registry feeds: short tables, so values become plain Python objects by column."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.checks.references import company_ids, on_project, project_ids
from payroll.feeds.base import Chunk
from payroll.sources.fields import COLUMNS, PROJECT, REQUIRED
from projects.models import AccountStatus, Industry, Party, ProjectStatus, Security
from wagewatch import identity


def _coded(choices: Any, **more: str) -> dict[str, str]:
    """Codes and Chinese names of a TextChoices, to its codes."""
    both = {str(value): str(value) for value in choices.values}
    return both | {str(label): str(value) for value, label in choices.choices} | more


INDUSTRIES = _coded(
    Industry, 房建="housing", 市政="municipal", 交通="transport", 交通运输工程="transport"
)
STATUSES = _coded(ProjectStatus) | {code.lstrip("0"): code for code in ProjectStatus.values}
ROLES = _coded(
    Party.Role, 总承包单位="general", 总承包="general", 分包="sub", 专业分包="sub", 劳务分包="sub"
) | {"001": "sub", "006": "sub", "008": "owner", "009": "general"}
SECURITY_KINDS = _coded(Security.Kind, 保证金="deposit", 支付担保="guarantee", 担保="guarantee")
WITHDRAWN = frozenset({"撤回", "withdrawn"})
SAYS_NOTHING: dict[str, Any] = {"": None}
ACCOUNT_STATUSES = _coded(AccountStatus, 开立="open", 冻结="frozen", 已销户="closed")


def numbers(chunk: Chunk, name: str, issues: Issues, places: int, low: str, high: str) -> pd.Series:
    """Decimals with `places` between `low` and `high`, or None."""
    text = chunk.text(name)

    def convert(value: str) -> Decimal | str | None:
        if not value:
            return None
        plain = columns._plain_number(value)
        if plain == "?":
            return "amount-text"
        number = Decimal(plain)
        if not Decimal(low) <= number <= Decimal(high):
            return "number-range"
        return number.quantize(Decimal(1).scaleb(-places))

    found = columns._distinct(text, convert)
    codes = pd.Series(
        [value if isinstance(value, str) else "" for value in found], index=text.index, dtype="str"
    )
    issues.cells(chunk, name, codes, low=low, high=high)
    values = [None if isinstance(value, str) else value for value in found]
    return pd.Series(values, index=text.index, dtype="object")


def twice(chunk: Chunk, issues: Issues, name: str, *keys: pd.Series) -> None:
    """Two rows of one thing in one file."""
    repeated = pd.concat(keys, axis=1).duplicated()
    issues.where(chunk, name, repeated, "row-twice")


def credit_codes(chunk: Chunk, name: str, issues: Issues, *, required: bool) -> pd.Series:
    text = identity.normalise_column(chunk.text(name))
    codes = text.map({value: identity.credit_code_code(value) for value in text.unique()})
    codes = codes.astype("str").replace("corp-missing", "missing" if required else "")
    issues.cells(chunk, name, codes)
    return text


def company_names(chunk: Chunk, name: str, issues: Issues, codes: pd.Series) -> pd.Series:
    """A name for every credit code that is given."""
    text = columns.short(chunk, name, issues, 200).map(columns.clean_name).astype("str")
    issues.where(chunk, name, text.eq("").astype(bool) & codes.ne("").astype(bool), "missing")
    return text


def withdrawals(chunk: Chunk, names: Iterable[str]) -> tuple[Chunk, pd.DataFrame]:
    """The chunk with the cells 撤回 of these columns emptied, and where they were: a source takes
    back what it said. (An empty cell says nothing.)"""
    own = [name for name in names if name in chunk.frame]
    marked = chunk.frame[own].apply(lambda column: column.str.strip().str.lower().isin(WITHDRAWN))
    if not marked.any(axis=None):
        return chunk, marked
    frame = chunk.frame.copy()
    frame[own] = frame[own].mask(marked, "")
    return replace(chunk, frame=frame), marked


def taken_back(marked: pd.DataFrame, fields: dict[str, str]) -> list[list[str]]:
    """For each row the fields withdrawn; `fields` names them by column."""
    columns = [fields[name] for name in marked.columns]
    return [
        [name for name, one in zip(columns, row, strict=True) if one]
        for row in marked.itertuples(index=False)
    ]


def projects(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    """What the file says: None or "" where it says nothing, which may be any field of a project
    that is known; `withdrawn` names the fields it takes back."""
    by_column = {column: name for name, column in COLUMNS.items() if name in PROJECT}
    optional = [column for column, name in by_column.items() if name not in REQUIRED]
    chunk, marked = withdrawals(chunk, optional)
    code = _project_codes(chunk, issues, lookups)
    owner = credit_codes(chunk, "buildCorpCode", issues, required=False)
    contractor = credit_codes(chunk, "contractorCorpCode", issues, required=False)
    return pd.DataFrame(
        {
            "code": code,
            "name": columns.short(chunk, "name", issues, 200),
            "region": _areas(chunk, issues, lookups),
            "industry": columns.choices(chunk, "industry", issues, INDUSTRIES | SAYS_NOTHING),
            "owner": owner,
            "owner_name": company_names(chunk, "buildCorpName", issues, owner),
            "contractor": contractor,
            "contractor_name": company_names(chunk, "contractorCorpName", issues, contractor),
            "approval_number": columns.short(chunk, "approvalNum", issues, 50),
            "permit_number": columns.short(chunk, "builderLicenseNum", issues, 50),
            "permit_date": columns.dates(chunk, "licenseDate", issues),
            "contract_date": columns.dates(chunk, "contractDate", issues),
            "contract_amount": numbers(chunk, "contractAmount", issues, 2, "0", "1e12"),
            "labour_cost_monthly": numbers(chunk, "laborCostMonthly", issues, 2, "0", "1e11"),
            "disbursement_cycle_days": numbers(
                chunk, "disbursementCycleDays", issues, 0, "0", "3650"
            ),
            "pay_day": numbers(chunk, "payDay", issues, 0, "1", "28"),
            "deposit_ratio": numbers(chunk, "depositRatio", issues, 4, "0", "1"),
            "government_funded": columns.choices(
                chunk, "governmentFunded", issues, columns.YES_NO | SAYS_NOTHING
            ),
            "start_date": columns.dates(chunk, "startDate", issues),
            "complete_date": columns.dates(chunk, "completeDate", issues),
            "status": columns.choices(chunk, "prjStatus", issues, STATUSES | SAYS_NOTHING),
            "longitude": numbers(chunk, "lng", issues, 6, "-180", "180"),
            "latitude": numbers(chunk, "lat", issues, 6, "-90", "90"),
            "withdrawn": pd.Series(taken_back(marked, by_column), index=code.index, dtype=object),
        },
        index=code.index,
    )


def _project_codes(chunk: Chunk, issues: Issues, lookups: Any) -> pd.Series:
    """The project's code, or that of the one known project with the approval or permit number."""
    code = chunk.text("projectCode")
    shape = ~code.str.fullmatch(identity.PROJECT_CODE.pattern.replace(r"\Z", "")).astype(bool)
    unnamed = code.eq("").astype(bool)
    issues.where(chunk, "projectCode", shape & ~unnamed, "project-code")
    if unnamed.any():
        code = code.mask(unnamed, _codes_by_paper(chunk, issues, lookups, unnamed))
    named = code[code.ne("").astype(bool)]
    repeated = pd.Series(code.index.isin(named.index[named.duplicated()]), index=code.index)
    issues.where(chunk, "projectCode", repeated, "row-twice")
    return code


def _codes_by_paper(chunk: Chunk, issues: Issues, lookups: Any, unnamed: pd.Series) -> pd.Series:
    approvals, permits = chunk.text("approvalNum"), chunk.text("builderLicenseNum")
    numbers_ = {*approvals[unnamed], *permits[unnamed]} - {""}
    known = lookups.by_paper(numbers_)
    found: dict[int, str] = {}
    wrong: dict[int, str] = {}
    for row in unnamed.index[unnamed]:
        approval, permit = approvals.at[row], permits.at[row]
        by_approval = known.get(("approval_number", approval), set())
        by_permit = known.get(("permit_number", permit), set())
        both = by_approval & by_permit if by_approval and by_permit else by_approval | by_permit
        if len(both) == 1:
            found[row] = next(iter(both))
        elif not approval and not permit:
            wrong[row] = "missing"
        elif both or by_approval or by_permit:
            names = "、".join(sorted(by_approval | by_permit)[:10])
            issues.error(
                "project-paper-ambiguous", sheet=chunk.sheet, row=int(row),
                column=chunk.heading("approvalNum" if approval else "builderLicenseNum"),
                value=approval or permit, projects=names,
            )  # fmt: skip
        else:
            issues.error(
                "project-paper-unknown", sheet=chunk.sheet, row=int(row),
                column=chunk.heading("approvalNum" if approval else "builderLicenseNum"),
                value=approval or permit,
            )  # fmt: skip
    codes = pd.Series(wrong, dtype="str").reindex(unnamed.index, fill_value="")
    issues.cells(chunk, "projectCode", codes)
    return pd.Series(found, dtype="str").reindex(unnamed.index, fill_value="")


def _areas(chunk: Chunk, issues: Issues, lookups: Any) -> pd.Series:
    """Six digits, or nine for towns; the twelve of villages are cut to their town."""
    code = identity.normalise_column(chunk.text("areaCode")).str.slice(0, 9)
    known = lookups.regions(code.unique())
    issues.where(chunk, "areaCode", code.ne("").astype(bool) & ~code.isin(known), "area-unknown")
    return code


def participants(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    by_column = {COLUMNS[name]: name for name in ("parent", "entry_date", "exit_date")}
    chunk, marked = withdrawals(chunk, by_column)
    projects_, _ = project_ids(chunk, lookups, issues)
    code = credit_codes(chunk, "corpCode", issues, required=True)
    role = columns.choices(chunk, "corpType", issues, ROLES)
    columns.missing(chunk, "corpType", issues)
    twice(chunk, issues, "corpCode", projects_, code, role)
    return pd.DataFrame(
        {
            "project_id": projects_,
            "company_code": code,
            "company_name": company_names(chunk, "corpName", issues, code),
            "role": role,
            "parent": credit_codes(chunk, "parentCorpCode", issues, required=False),
            "entry_date": columns.dates(chunk, "entryTime", issues),
            "exit_date": columns.dates(chunk, "exitTime", issues, latest=today),
            "withdrawn": pd.Series(taken_back(marked, by_column), index=code.index, dtype=object),
        }
    )


def accounts(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    projects_, _ = project_ids(chunk, lookups, issues)
    number = identity.normalise_column(chunk.text("accountNo"))
    columns.missing(chunk, "accountNo", issues, number)
    scientific = number.str.fullmatch(r"\d(\.\d+)?E\+?\d{2}").astype(bool)
    issues.where(chunk, "accountNo", scientific, "card-scientific")
    shape = ~number.str.fullmatch(r"[0-9A-Z\-]{6,40}").astype(bool)
    issues.where(
        chunk, "accountNo", shape & ~scientific & number.ne("").astype(bool), "account-number"
    )
    twice(chunk, issues, "accountNo", number)
    _account_elsewhere(chunk, issues, number, projects_)
    return pd.DataFrame(
        {
            "project_id": projects_,
            "number": number,
            "bank_code": columns.short(chunk, "bankCode", issues, 20),
            "bank_name": columns.short(chunk, "bankName", issues, 100),
            "open_date": columns.dates(chunk, "openDate", issues, required=True),
            "close_date": columns.dates(chunk, "closeDate", issues),
            "agreement_date": columns.dates(chunk, "agreementDate", issues),
            "status": columns.choices(chunk, "status", issues, ACCOUNT_STATUSES, default="open"),
        }
    )


def _account_elsewhere(
    chunk: Chunk, issues: Issues, number: pd.Series, projects_: pd.Series
) -> None:
    from projects.models import Account

    known = dict(
        Account.objects.filter(number__in=number.unique()).values_list("number", "project_id")
    )
    registered = number.map(known)
    wrong = registered.notna() & (projects_ != 0) & (registered != projects_)
    issues.where(chunk, "accountNo", wrong, "account-elsewhere")


def securities(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    projects_, _ = project_ids(chunk, lookups, issues)
    kind = columns.choices(chunk, "kind", issues, SECURITY_KINDS)
    issuer = columns.short(chunk, "issuer", issues, 100)
    start = columns.dates(chunk, "validFrom", issues, required=True)
    columns.missing(chunk, "amount", issues)
    twice(chunk, issues, "kind", projects_, kind, issuer, start.astype("str"))
    return pd.DataFrame(
        {
            "project_id": projects_,
            "kind": kind,
            "form": columns.short(chunk, "form", issues, 20, required=True),
            "amount": numbers(chunk, "amount", issues, 2, "0", "1e12"),
            "issuer": issuer,
            "valid_from": start,
            "valid_to": columns.dates(chunk, "validTo", issues),
        }
    )


def sites(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    projects_, _ = project_ids(chunk, lookups, issues)
    twice(chunk, issues, "projectCode", projects_)
    return pd.DataFrame(
        {
            "project_id": projects_,
            "date": columns.dates(chunk, "noticeBoardDate", issues, latest=today),
            "photo_reference": columns.short(chunk, "photoReference", issues, 200),
        }
    )


def workers(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> dict[str, pd.Series]:
    projects_, _ = project_ids(chunk, lookups, issues)
    employers = company_ids(chunk, "corpCode", lookups, issues)
    if lookups.key:
        on_project(chunk, lookups, issues, projects_, employers)
    types = columns.id_types(chunk, issues)
    number = columns.ids(chunk, issues, types)
    twice(chunk, issues, "idCardNumber", projects_, employers, number)
    entry = columns.dates(chunk, "entryTime", issues, required=not chunk.partial)
    leave = columns.dates(chunk, "exitTime", issues)
    wrong = [bool(a and z and z < a) for a, z in zip(entry, leave, strict=True)]
    issues.where(chunk, "exitTime", pd.Series(wrong, index=number.index), "dates-reversed")
    price, has_price = columns.hundredths(chunk, "unitPrice", issues, maximum=1_000_000)
    return {
        "project_id": projects_,
        "employer_id": employers,
        "team": columns.short(chunk, "teamName", issues, 100),
        "name": columns.names(chunk, "workerName", issues),
        "id_type": types,
        "id": number,
        "phone": identity.normalise_column(columns.short(chunk, "cellPhone", issues, 30)),
        "work_type": columns.short(chunk, "workType", issues, 50),
        "contract_date": columns.dates(chunk, "contractDate", issues),
        "entry_date": entry,
        "exit_date": leave,
        "unit_price": price,
        "has_price": has_price,
        "card": columns.cards(chunk, "payRollBankCardNumber", issues),
        "bank_name": columns.short(chunk, "payRollBankName", issues, 100),
    }
