"""Checks of the registry feeds: short tables, so values become plain Python objects by column."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.checks.references import company_ids, on_project, project_ids
from payroll.feeds.base import Chunk
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
        number = Decimal(plain).quantize(Decimal(1).scaleb(-places))
        return number if Decimal(low) <= number <= Decimal(high) else "number-range"

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


def projects(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    code = chunk.text("projectCode")
    columns.missing(chunk, "projectCode", issues, code)
    shape = ~code.str.fullmatch(identity.PROJECT_CODE.pattern.replace(r"\Z", "")).astype(bool)
    issues.where(chunk, "projectCode", shape & code.ne("").astype(bool), "project-code")
    twice(chunk, issues, "projectCode", code)
    owner = credit_codes(chunk, "buildCorpCode", issues, required=False)
    contractor = credit_codes(chunk, "contractorCorpCode", issues, required=True)
    days = numbers(chunk, "payDay", issues, 0, "1", "28")
    return pd.DataFrame(
        {
            "code": code,
            "name": columns.short(chunk, "name", issues, 200, required=True),
            "region_id": _areas(chunk, issues, lookups),
            "industry": columns.choices(chunk, "industry", issues, INDUSTRIES, default="other"),
            "owner_code": owner,
            "owner_name": company_names(chunk, "buildCorpName", issues, owner),
            "contractor_code": contractor,
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
            "pay_day": [15 if day is None else int(day) for day in days],
            "deposit_ratio": numbers(chunk, "depositRatio", issues, 4, "0", "1"),
            "government_funded": columns.choices(
                chunk, "governmentFunded", issues, columns.YES_NO, default=False
            ),
            "start_date": columns.dates(chunk, "startDate", issues),
            "complete_date": columns.dates(chunk, "completeDate", issues),
            "status": columns.choices(chunk, "prjStatus", issues, STATUSES, default="003"),
            "longitude": numbers(chunk, "lng", issues, 6, "-180", "180"),
            "latitude": numbers(chunk, "lat", issues, 6, "-90", "90"),
        },
        index=code.index,
    )


def _areas(chunk: Chunk, issues: Issues, lookups: Any) -> pd.Series:
    """Six digits, or nine for towns; the twelve of villages are cut to their town."""
    code = identity.normalise_column(chunk.text("areaCode")).str.slice(0, 9)
    columns.missing(chunk, "areaCode", issues, code)
    known = lookups.regions(code.unique())
    issues.where(chunk, "areaCode", code.ne("").astype(bool) & ~code.isin(known), "area-unknown")
    return code


def participants(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
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
            "parent_code": credit_codes(chunk, "parentCorpCode", issues, required=False),
            "entry_date": columns.dates(chunk, "entryTime", issues),
            "exit_date": columns.dates(chunk, "exitTime", issues),
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
