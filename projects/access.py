"""Who may call a view. Which rows it then shows is decided in scope.py alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from projects.models import Member

Role = Member.Role
View = Callable[..., HttpResponseBase]

AUTHORITIES = (Role.INSPECTOR, Role.REGULATOR, Role.GOVERNMENT)
SENDERS = (Role.INSPECTOR, Role.REGULATOR, Role.GOVERNMENT, Role.GENERAL, Role.SUB)
"""Who may send feeds: everybody but owners, who send none."""
EMPLOYERS = (Role.GENERAL, Role.SUB)
COMPANIES = (Role.OWNER, Role.GENERAL, Role.SUB)


def members_only(*roles: str) -> Callable[[View], View]:
    """A signed-in member, of one of `roles` when any are named; 403 for other users."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member = request.member  # type: ignore[attr-defined]
            if not member or (roles and member.role not in roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
