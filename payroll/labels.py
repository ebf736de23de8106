"""Kinds and standings of feeds in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Labels = dict[str, str | Promise]

KIND: Labels = {
    "projects": _("Projects"),
    "participants": _("Participants"),
    "accounts": _("Dedicated accounts"),
    "securities": _("Deposits and guarantees"),
    "workers": _("Workers"),
    "sites": _("Notice boards"),
    "indicators": _("Company indicators"),
    "complaints": _("Complaints"),
    "payroll": _("Pay sheet"),
    "bank": _("Bank entries"),
    "attendance": _("Attendance"),
    "companies": _("Companies"),
    "teams": _("Teams"),
    "contracts": _("Employment contracts"),
    "entries": _("Entries and exits"),
}
SENDER: Labels = {
    "bank": _("Banks"),
    "key": _("Vendors of site software"),
    "terminal": _("Terminals"),
}
STATUS: Labels = {
    "received": _("Waiting"),
    "running": _("Being read"),
    "accepted": _("Accepted"),
    "rejected": _("Sent back"),
    "duplicate": _("Sent before"),
}
STATUS_TAG = {
    "received": ("tag-go", "clock"),
    "running": ("tag-go", "loader-2"),
    "accepted": ("tag-ok", "check"),
    "rejected": ("tag-bad", "arrow-back-up"),
    "duplicate": ("", "copy"),
}
SEVERITY: Labels = {"error": _("Error"), "hint": _("Hint")}
STANDING: Labels = {
    "waiting": _("Waiting for review"),
    "approved": _("Approved for payment"),
    "returned": _("Sent back"),
}
NO_PAYMENT_LIST: Labels = {
    "replaced": _("A later version has taken this sheet's place."),
    "not-approved": _("Approve the sheet first."),
    "no-account": _("The project has no open dedicated account."),
    "nothing-unpaid": _("Nothing of this sheet is left to pay."),
}
REFUSED: Labels = {
    "link": _("This link is not valid or has expired. Ask your employer for a new one."),
    "answered": _("This wage has been answered already. Nothing more is needed."),
    "replaced": _("The pay sheet was corrected. Ask your employer for the new link."),
    "locked": _("Too many attempts. Try again in an hour."),
    "number": _("The last four characters do not fit."),
    "text": _("Write what is wrong."),
}
