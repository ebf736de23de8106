"""The fields that sources tell, as text and as values, and which department issues which paper."""

import datetime as dt
from decimal import Decimal
from typing import Any

from projects.models import Party, Project, Source
from projects.models.project import ProjectFacts

PROJECT = (
    "name", "region", "industry", "owner", "contractor", "approval_number", "permit_number",
    "permit_date", "contract_date", "contract_amount", "labour_cost_monthly",
    "disbursement_cycle_days", "pay_day", "deposit_ratio", "government_funded", "start_date",
    "complete_date", "status", "longitude", "latitude",
)  # fmt: skip
PARTY = ("role", "parent", "entry_date", "exit_date")
"""The order is that of the bits in Telling.fields: append, never reorder."""

COLUMNS = {
    "name": "name", "region": "areaCode", "industry": "industry", "owner": "buildCorpCode",
    "contractor": "contractorCorpCode", "approval_number": "approvalNum",
    "permit_number": "builderLicenseNum", "permit_date": "licenseDate",
    "contract_date": "contractDate", "contract_amount": "contractAmount",
    "labour_cost_monthly": "laborCostMonthly", "disbursement_cycle_days": "disbursementCycleDays",
    "pay_day": "payDay", "deposit_ratio": "depositRatio", "government_funded": "governmentFunded",
    "start_date": "startDate", "complete_date": "completeDate", "status": "prjStatus",
    "longitude": "lng", "latitude": "lat",
    "role": "corpType", "parent": "parentCorpCode", "entry_date": "entryTime",
    "exit_date": "exitTime",
}  # fmt: skip
"""The column of a feed in which a field comes."""

REQUIRED = ("name", "region", "contractor")
COMPANIES = frozenset({"owner", "contractor", "parent"})
_MODEL_FIELDS: dict[str, Any] = {
    **{name: Project._meta.get_field(name) for name in PROJECT},
    **{name: Party._meta.get_field(name) for name in PARTY},
}
_KINDS = {name: field.get_internal_type() for name, field in _MODEL_FIELDS.items()}
_SECTOR = {
    "housing": Source.HOUSING,
    "municipal": Source.HOUSING,
    "transport": Source.TRANSPORT,
    "water": Source.WATER,
}


def authority(field: str, industry: str) -> str:
    """The department that issues the paper on which a field stands; "" where none does.

    Approval number: the investment approval platform. Construction permit: the department of the
    project's sector. Deposit ratio: HRSS sets it (Reg. 32).
    """
    if field == "approval_number":
        return Source.REFORM
    if field in ("permit_number", "permit_date"):
        return _SECTOR.get(industry, "")
    return Source.HRSS if field == "deposit_ratio" else ""


def bits(names: Any, order: tuple[str, ...]) -> int:
    """The fields `names` as Telling.fields has them."""
    return sum(1 << order.index(name) for name in names)


def text_of(field: str, value: Any) -> str:
    """A value as FieldValue holds it; companies by credit code. "" for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.date):
        return value.isoformat()
    places = getattr(_MODEL_FIELDS[field], "decimal_places", None)
    if places is not None:
        return str(Decimal(value).quantize(Decimal(1).scaleb(-places)))
    return str(int(value)) if isinstance(value, Decimal) else str(value)


def value_of(field: str, text: str) -> Any:
    """The value of a text, for a model; a company stays its credit code. The model's default, else
    None or "", for no text."""
    if text == "":
        return default_of(field)
    kind = _KINDS[field]
    if kind == "BooleanField":
        return text == "1"
    if kind == "DateField":
        return dt.date.fromisoformat(text)
    if kind == "DecimalField":
        return Decimal(text)
    return int(text) if kind == "PositiveSmallIntegerField" else text


def default_of(field: str) -> Any:
    model_field = _MODEL_FIELDS[field]
    if model_field.has_default():
        return model_field.get_default()
    return None if model_field.null else ""


def facts_of(texts: dict[str, str], companies: dict[str, int]) -> dict[str, Any]:
    """Keyword arguments of ProjectFacts (`region_id` etc.) from the texts that hold."""
    facts = {name: value_of(name, texts.get(name, "")) for name in PROJECT}
    facts["region_id"] = facts.pop("region")
    for name in ("owner", "contractor"):
        facts[f"{name}_id"] = companies.get(facts.pop(name) or "")
    return facts


assert {f.name for f in ProjectFacts._meta.get_fields()} == set(PROJECT)
