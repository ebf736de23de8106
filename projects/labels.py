"""The choices of the models in the reader's language (the models carry the official Chinese)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Labels = dict[str, str | Promise]

INDUSTRY: Labels = {
    "housing": _("Housing"),
    "municipal": _("Municipal works"),
    "transport": _("Transport"),
    "water": _("Water works"),
    "other": _("Other sector"),
}
PROJECT_STATUS: Labels = {
    "001": _("Preparing"),
    "002": _("Approved"),
    "003": _("Under construction"),
    "004": _("Completed"),
    "005": _("Suspended"),
}
ROLE: Labels = {
    "inspector": _("Labour inspector"),
    "regulator": _("Sector regulator"),
    "government": _("Local government"),
    "general": _("General contractor"),
    "sub": _("Subcontractor"),
    "owner": _("Owner"),
}
ACCOUNT_STATUS: Labels = {
    "open": pgettext_lazy("account", "In use"),
    "frozen": _("Frozen"),
    "closed": pgettext_lazy("account", "Closed"),
}
FORM: Labels = {
    "cash": _("Cash"),
    "bank guarantee": _("Bank guarantee"),
    "insurance": _("Insurance"),
}
SECURITY: Labels = {"deposit": _("Wage deposit"), "guarantee": _("Payment guarantee")}
SOURCE: Labels = {
    "reform": _("Development and reform (investment approval)"),
    "housing": _("Housing and construction"),
    "transport": pgettext_lazy("department", "Transport"),
    "water": _("Water resources"),
    "hrss": _("Human resources and social security"),
    "contractor": _("Contractor"),
    "unknown": _("Source not named"),
}
STANDING: Labels = {
    "open": _("To be decided"),
    "rule": _("Settled by precedence"),
    "decided": _("Decided"),
}
FIELD: Labels = {
    "name": _("Project name"),
    "region": _("Region"),
    "industry": _("Sector"),
    "owner": _("Owner"),
    "contractor": _("General contractor"),
    "approval_number": _("Approval number"),
    "permit_number": _("Construction permit"),
    "permit_date": _("Permit date"),
    "contract_date": _("Contract date"),
    "contract_amount": _("Contract price (CNY)"),
    "labour_cost_monthly": _("Labour cost a month (CNY)"),
    "disbursement_cycle_days": _("Disbursed every (days)"),
    "pay_day": _("Pay day (of the month after)"),
    "deposit_ratio": _("Deposit ratio"),
    "government_funded": _("Government-funded"),
    "start_date": _("Start"),
    "complete_date": _("Completion"),
    "status": _("Status"),
    "longitude": _("Longitude"),
    "latitude": _("Latitude"),
    "role": _("Part in the project"),
    "parent": _("Contracted by"),
    "entry_date": _("Entry"),
    "exit_date": _("Exit"),
}
