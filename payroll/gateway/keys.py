"""Keys of the real-name interface: issue, rotate, revoke; and find the caller of a call.

A process remembers a caller for two seconds: so long may a revoked key still be answered.
"""

import datetime as dt
import secrets
import string
import time
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from payroll.models import GatewayCall, GatewayKey
from projects import scope
from projects.models import Company, Project
from wagewatch import audit

OVERLAP = dt.timedelta(days=7)
"""How long the previous secret still signs after a rotation."""
_REMEMBERED = 2.0  # seconds
_SIGNS = string.ascii_lowercase + string.digits  # signing lower-cases: capitals would add nothing
_callers: dict[str, tuple[float, "Caller"]] = {}


class Caller(NamedTuple):
    """A key with its secrets (generation, secret, until) and its projects (code -> key)."""

    key: GatewayKey
    secrets: list[tuple[int, str, dt.datetime | None]]
    projects: dict[str, int]


def find(appid: str) -> Caller | None:
    """The caller of an active key, or None."""
    now = time.monotonic()
    held = _callers.get(appid)
    if held and now - held[0] < _REMEMBERED:
        return held[1]
    _callers.pop(appid, None)
    key = GatewayKey.objects.filter(appid=appid, active=True).first()
    if key is None:
        return None
    codes = dict(key.projects.values_list("code", "pk"))
    caller = Caller(key, _secrets(key), codes)
    _callers[appid] = (now, caller)
    _seen(key)
    return caller


def _secrets(key: GatewayKey) -> list[tuple[int, str, dt.datetime | None]]:
    held: list[tuple[int, str, dt.datetime | None]] = [(key.generation, key.secret, None)]
    if key.previous_secret and key.previous_until:
        held.append((key.generation - 1, key.previous_secret, key.previous_until))
    return held


def _seen(key: GatewayKey) -> None:
    """Note that the key is in use, at most once a minute."""
    now = timezone.now()
    if key.last_seen is None or now - key.last_seen > dt.timedelta(minutes=1):
        GatewayKey.objects.filter(pk=key.pk).update(last_seen=now)


def forget(appid: str) -> None:
    _callers.pop(appid, None)


def _new(size: int) -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(size))


@transaction.atomic
def issue_key(
    user: Any,
    vendor: str,
    company: Company,
    projects: Collection[Project],
    **terms: Any,
) -> tuple[GatewayKey, str]:
    """A new key and its secret, which is shown this once. `terms`: methods, addresses,
    calls_per_minute, keep_photos."""
    secret = _new(32)
    key = GatewayKey.objects.create(
        appid=_new(16), vendor=vendor, company=company, secret=secret, created_by=user, **terms
    )
    key.projects.set(projects)
    codes = sorted(project.code for project in projects)
    audit.record(user, "gateway-key-issued", key, vendor=vendor, projects=codes)
    return key, secret


@transaction.atomic
def rotate_key(user: Any, key: GatewayKey, now: dt.datetime) -> str:
    """A new secret, shown this once; the one before still signs for OVERLAP. Raises ValueError
    while calls wait that the secret before the previous one signed."""
    key = GatewayKey.objects.select_for_update().get(pk=key.pk)
    old = GatewayCall.objects.filter(key=key, generation__lt=key.generation)
    if old.filter(waiting=True).exists() or old.filter(feed__finished_at=None, feed__isnull=False):
        raise ValueError("calls of the previous secret are waiting")
    key.previous_secret, key.previous_until = key.secret, now + OVERLAP
    key.secret, key.generation = _new(32), key.generation + 1
    key.save()
    audit.record(user, "gateway-key-rotated", key, generation=key.generation)
    transaction.on_commit(lambda: forget(key.appid))
    return key.secret


@transaction.atomic
def revoke_key(user: Any, key: GatewayKey) -> None:
    """No call with this key is answered any more; what it pushed before is still worked off."""
    GatewayKey.objects.filter(pk=key.pk).update(active=False)
    audit.record(user, "gateway-key-revoked", key)
    transaction.on_commit(lambda: forget(key.appid))


def administered(user: Any, member: Any) -> Any:
    """The keys that an administrator keeps: an authority those whose projects are all in its
    reach, staff that is no member all."""
    keys = GatewayKey.objects.select_related("company", "created_by").prefetch_related("projects")
    if not member:
        return keys if user.is_staff else keys.none()
    return scope.visible(keys, member).distinct()


def grantable(user: Any, member: Any) -> Any:
    """The projects that an administrator may give to a key."""
    if not member:
        return Project.objects.all() if user.is_staff else Project.objects.none()
    return scope.visible(Project.objects.all(), member)


def owned(user: Any, member: Any) -> Any:
    """The keys that speak for the member's company, and those that the user issued."""
    keys = GatewayKey.objects.filter(active=True).select_related("company")
    if member and member.is_company:
        return keys.filter(company=member.company_id)
    return administered(user, member).filter(active=True, created_by=user)
