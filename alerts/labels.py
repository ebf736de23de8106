"""How the four levels look besides their colour: an icon and a word each."""

from django.utils.translation import gettext_lazy as _

from alerts.models import Level

LEVEL_ICON = {
    Level.BLUE: "info-circle",
    Level.YELLOW: "alert-triangle",
    Level.ORANGE: "alert-octagon",
    Level.RED: "flame",
}
LEVEL_KEY = {level: level.name.lower() for level in Level}

DIFFERENCE = {
    "only_tried": _("new"),
    "only_now": _("no longer"),
    "earlier": _("earlier"),
    "later": _("later"),
    "level": _("another level"),
}
"""How a matter differs between two variants of a rule (alerts/backtest/compare.py)."""
OUTCOME = {
    "confirmed": _("confirmed"),
    "dismissed": _("dismissed"),
    "untouched": _("decided by nobody"),
}
