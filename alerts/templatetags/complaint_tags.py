"""Complaints on the pages: acts by name, and what is masked."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from alerts import complaints

register = template.Library()


@register.filter
def act_title(act: str) -> str:
    """What an act of alerts/complaints.py is called."""
    return {
        "match": _("Name the project"),
        "accept": _("Take up"),
        "refuse": _("Do not take up"),
        "forward": _("Pass on"),
        "answer": _("Answer and close"),
        "share": _("Tell the companies"),
    }[act]


@register.filter
def complainant(complaint: Any) -> str:
    """Who complained, masked."""
    return complaints.masked_person(complaint) or _("anonymous")


@register.filter
def complaint_text(complaint: Any) -> str:
    """What was said, with long numbers masked."""
    return complaints.masked_text(complaint.text)
