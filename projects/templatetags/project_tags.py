"""Filters for the choices and numbers of projects."""

from typing import Any

from django import template

from projects import labels
from projects.models import Member
from wagewatch import identity

register = template.Library()

_SETS = {
    "industry": labels.INDUSTRY,
    "status": labels.PROJECT_STATUS,
    "role": labels.ROLE,
    "account": labels.ACCOUNT_STATUS,
    "security": labels.SECURITY,
    "form": labels.FORM,
    "source": labels.SOURCE,
    "standing": labels.STANDING,
}


@register.filter
def label(value: str, kind: str) -> Any:
    """`{{ project.industry|label:"industry" }}`; an unknown value stands as it is."""
    return _SETS[kind].get(value, value)


@register.filter
def account_for(number: str, member: Member) -> str:
    """An account number as the reader may see it: whole for authorities, masked for companies."""
    return identity.mask_card(number) if not member or member.is_company else number
