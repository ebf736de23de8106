"""Keys of the real-name interface: issued by administrators; how to connect, for their owners."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from payroll.gateway import keys, methods, trial
from payroll.gateway.address import caller_of
from payroll.gateway_forms import KeyForm, TryForm
from payroll.models import GatewayKey
from projects.access import AUTHORITIES, SENDERS

View = Callable[..., HttpResponseBase]


def _only(roles: tuple[Any, ...]) -> Callable[[View], View]:
    """Members of these roles, and staff."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member = request.member  # type: ignore[attr-defined]
            if member.role not in roles if member else not request.user.is_staff:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _kept(request: HttpRequest) -> Any:
    return keys.administered(request.user, request.member)  # type: ignore[attr-defined]


def _list(
    request: HttpRequest,
    form: KeyForm | None = None,
    shown: GatewayKey | None = None,
    text: str = "",
) -> HttpResponse:
    reach = keys.grantable(request.user, request.member)  # type: ignore[attr-defined]
    form = form or KeyForm(reach=reach)
    context = {"keys": _kept(request), "form": form, "shown": shown, "secret": text}
    return render(request, "payroll/gateway_keys.html", context, status=400 if form.errors else 200)


@never_cache
@_only(AUTHORITIES)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The keys; a POST issues one, whose secret is on the answer's page and nowhere else."""
    if request.method == "GET":
        return _list(request)
    reach = keys.grantable(request.user, request.member)  # type: ignore[attr-defined]
    form = KeyForm(request.POST, reach=reach)
    if not form.is_valid():
        return _list(request, form)
    key, secret = keys.issue_key(request.user, **form.cleaned_data)
    return _list(request, shown=key, text=secret)


@never_cache
@_only(AUTHORITIES)
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(_kept(request), pk=pk, active=True)
    try:
        secret = keys.rotate_key(request.user, key, timezone.now())
    except ValueError:
        messages.error(
            request, _("Calls signed with the secret before wait still. Try again in a minute.")
        )
        return redirect("gateway-keys")
    return _list(request, shown=key, text=secret)


@_only(AUTHORITIES)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    keys.revoke_key(request.user, get_object_or_404(_kept(request), pk=pk, active=True))
    messages.success(request, _("Revoked: no call with this key is answered any more."))
    return redirect("gateway-keys")


def _connect(request: HttpRequest, form: TryForm, **more: Any) -> HttpResponse:
    project = "P330902001"
    listed = [
        {"name": name, "sample": trial.sample(method, project)}
        for name, method in methods.methods().items()
    ]
    context = {
        "form": form,
        "methods": listed,
        "url": request.build_absolute_uri("/gateway/"),
        **more,
    }
    return render(
        request, "payroll/gateway_connect.html", context, status=400 if form.errors else 200
    )


def _own(request: HttpRequest) -> Any:
    return keys.owned(request.user, request.member)  # type: ignore[attr-defined]


@_only(SENDERS)
@require_GET
def connect(request: HttpRequest) -> HttpResponse:
    """How to connect: the signing step by step, the methods, and a call to try."""
    asked = request.GET.get("method", "")
    method = methods.find(asked) or methods.methods()["Project.Query"]
    own = _own(request)
    first = own.first()
    code = first.projects.values_list("code", flat=True).first() if first else None
    start = {"method": method.name, "data": trial.sample(method, code or "P330902001")}
    return _connect(request, TryForm(own=own, initial=start))


@never_cache
@_only(SENDERS)
@require_POST
def try_call(request: HttpRequest) -> HttpResponse:
    """Signs and sends a call with one of the user's own keys; shows request and answer."""
    form = TryForm(request.POST, own=_own(request))
    if not form.is_valid():
        return _connect(request, form)
    asked = form.cleaned_data
    sent, said = trial.try_call(
        request.user, asked["key"], asked["method"], asked["data"], caller_of(request)
    )
    answer = json.dumps(said, ensure_ascii=False, indent=1)
    return _connect(request, form, sent=sent, said=answer)
