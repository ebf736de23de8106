"""Time clocks: the list, a new one, and whose the user numbers of one are."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from payroll import terminals
from payroll.models import Terminal, TerminalUser
from payroll.terminal_forms import TerminalForm, candidates, chosen, label
from projects import scope
from projects.access import SENDERS, members_only
from wagewatch.paging import paged

AT_ONCE = 50  # waiting numbers shown


def _terminal(request: HttpRequest, pk: int) -> Terminal:
    rows = Terminal.objects.visible_to(request.member)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("project", "company"), pk=pk)


@members_only(*SENDERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    return _index(request, TerminalForm(member=member))


def _index(request: HttpRequest, form: TerminalForm, status: int = 200) -> HttpResponse:
    rows = Terminal.objects.visible_to(request.member)  # type: ignore[attr-defined]
    rows = rows.select_related("project", "company").annotate(
        waiting_numbers=Count("users__waiting__user", distinct=True),
        waiting_punches=Sum("users__waiting__punches"),
    )
    context = {"form": form, "page": paged(rows, ("-pk",), request.GET)}
    return render(request, "payroll/terminals.html", context, status=status)


@members_only(*SENDERS)
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    form = TerminalForm(request.POST, member=request.member)  # type: ignore[attr-defined]
    if not form.is_valid():
        return _index(request, form, status=422)
    terminal = terminals.register(form.instance, user=request.user)
    messages.success(
        request, _("Registered. Name its logs %(serial)s_attlog.dat.") % {"serial": terminal.serial}
    )
    return redirect("terminal", pk=terminal.pk)


@never_cache
@members_only(*SENDERS)
@require_GET
def terminal(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers that wait for somebody, and those that are mapped."""
    found = _terminal(request, pk)
    member = request.member  # type: ignore[attr-defined]
    users = scope.visible(TerminalUser.objects.filter(terminal=found), member)
    waiting = (
        users.filter(waiting__isnull=False)
        .annotate(
            punches=Sum("waiting__punches"),
            first=Min("waiting__first_day"),
            last=Max("waiting__last_day"),
        )
        .order_by("-punches", "number")
    )
    mapped = users.filter(worker__isnull=False).select_related("worker")
    context: dict[str, Any] = {
        "terminal": found,
        "waiting": waiting[:AT_ONCE],
        "waiting_total": waiting.count(),
        "people": [label(one) for one in candidates(found, member)] if waiting else [],
        "page": paged(mapped, ("pk",), request.GET),
    }
    return render(request, "payroll/terminal.html", context)


@members_only(*SENDERS)
@require_POST
def map_users(request: HttpRequest, pk: int) -> HttpResponse:
    found = _terminal(request, pk)
    people = candidates(found, request.member)  # type: ignore[attr-defined]
    numbers, answers = request.POST.getlist("number"), request.POST.getlist("worker")
    workers, unfit = chosen(numbers, answers, people)
    if unfit:
        messages.error(
            request,
            _("Choose a worker from the list for the number %(number)s.") % {"number": unfit[0]},
        )
    elif not workers:
        messages.error(request, _("Choose at least one worker."))
    else:
        try:
            punches = terminals.map_users(
                found, workers, user=request.user, as_of=timezone.localdate()
            )
        except terminals.NotPossible as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request,
                ngettext(
                    "Mapped. %(count)s punch that waited was taken up.",
                    "Mapped. %(count)s punches that waited were taken up.",
                    punches,
                )
                % {"count": punches},
            )
    return redirect("terminal", pk=pk)
