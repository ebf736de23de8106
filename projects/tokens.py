"""API tokens: issued once in clear, found by their hash, revoked for good."""

import datetime as dt
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from projects import scope
from projects.models import ApiToken, Member
from wagewatch import audit, vault

PREFIX = "ww_"
LONGEST_DAYS = 366


def of(member: Member) -> Any:
    """The tokens of the member's organisation: the company's, or the authority's in its region."""
    tokens = ApiToken.objects.select_related("user")
    if member.is_company:
        return tokens.filter(user__member__company=member.company)
    mine = {"user__member__authority": member.authority, "user__member__region": member.region}
    return tokens.filter(user__member__role=member.role, **mine)


def issue(user: Any, name: str, *, may_write: bool, days: int) -> tuple[ApiToken, str]:
    """A new token of this user, and its text, which is not kept."""
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"a token lives 1 to {LONGEST_DAYS} days")
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            digest=vault.blind(text),
            hint=text[-4:],
            may_write=may_write,
            created_at=timezone.now(),
            expires_on=timezone.localdate() + dt.timedelta(days=days),
        )
        audit.record(user, "token-issued", token, name=name, may_write=may_write, days=days)
    return token, text


def revoke(token: ApiToken, user: Any) -> None:
    """It works no more, and never again."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record(user, "token-revoked", token)


def find(text: str, today: dt.date) -> ApiToken | None:
    """The working token of a text, noting that it was used; None when there is none."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=vault.blind(text), revoked_at=None, expires_on__gt=today)
        .first()
    )
    if token is None or not token.user.is_active or scope.member_of(token.user) is None:
        return None
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token
