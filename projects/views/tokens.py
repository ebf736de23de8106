"""The organisation's API tokens: issue one, see when each was used, revoke."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from projects import tokens
from projects.access import members_only
from projects.forms import TokenForm


@never_cache
@members_only()
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The list; a POST issues a token, whose text is on the answer's page and nowhere else."""
    form = TokenForm(request.POST or None)
    text = ""
    if form.is_valid():
        _token, text = tokens.issue(request.user, **form.cleaned_data)
        form = TokenForm()
    context = {
        "form": form,
        "text": text,
        "tokens": tokens.of(request.member),  # type: ignore[attr-defined]
        "today": timezone.localdate(),
    }
    return render(request, "projects/tokens.html", context, status=400 if form.errors else 200)


@members_only()
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(tokens.of(request.member), pk=pk)  # type: ignore[attr-defined]
    tokens.revoke(token, request.user)
    messages.success(request, _("Revoked: the token works no more."))
    return redirect("tokens")
