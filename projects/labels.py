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
