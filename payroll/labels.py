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
